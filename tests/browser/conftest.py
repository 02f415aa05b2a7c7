import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .chromium import chromium

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
