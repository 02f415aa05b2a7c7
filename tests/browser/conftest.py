"""Tests in Chromium. Take pages from the fixtures `page`, `context` or `new_context`, with the marker
`browser_context_args` for a phone, a scheme or no script: of those a screenshot is kept when the test fails, in
test-results/ or, by `make test`, where its last lines say."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from playwright.sync_api import expect

from findings.accounts import EDITOR, LIBRARIAN, make_groups
from tests.signposts import load_signposts

from .chromium import chromium
from .desk import PASSWORD

FOLDER = Path(__file__).parent

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items):
    skip = None if chromium() else pytest.mark.skip(reason="no Chromium found")
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if skip:
                item.add_marker(skip)


@pytest.fixture(scope="session", autouse=True)
def database_beside_playwright():
    """Playwright's event loop runs until the session ends, so this is not undone: these tests come last."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(autouse=True)
def nothing_breaks_the_content_security_policy(context):
    """Whatever a test opens, in pages that it gets from `context` or `page`: the browser refuses nothing of ours."""
    refused = []
    context.on("console", lambda message: refused.append(message.text) if "Policy" in message.text else None)
    context.on("weberror", lambda told: refused.append(str(told.error)) if "Trusted" in str(told.error) else None)
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation', (event) => "
        "console.error('Policy', event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber))"
    )
    yield
    assert refused == []


@pytest.fixture
def desk(live_server, django_user_model):
    """SIGNPOSTS on a live server with a librarian and two editors, the other called “second”; gives its address."""
    load_signposts()
    make_groups(Group, Permission)  # which emptying the database after another test has taken away
    for name, role in [("librarian", LIBRARIAN), ("editor", EDITOR), ("second", EDITOR)]:
        user = django_user_model.objects.create_user(name, password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
    return f"{live_server.url}/admin/"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": chromium(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }
