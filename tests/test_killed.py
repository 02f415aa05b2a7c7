"""A process that is killed in the middle of a piece of work leaves what was there before, and nobody is in its way."""

import os
import signal
import subprocess
import sys
from io import StringIO
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from curation import workflow
from curation.imports import importing
from curation.log import LogEntry
from sources.imports import BIBLIOGRAPHY
from sources.models import Source
from tests.factories import make_finding, make_source

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]

BEGINNING = """
import os, time
import django
django.setup()
from unittest import mock
from django.contrib.auth import get_user_model

def stay(*args, **kwargs):
    print("in the middle", flush=True)
    time.sleep(60)

user = get_user_model().objects.get()
"""
IMPORT = """
from curation.imports import applying, importing
from curation.models import Import
with mock.patch.object(applying.Application, "_keep_record", stay):
    importing.apply(Import.objects.get(), user=user)
"""
PUBLISH = """
from findings.models import Finding
from curation import workflow
with mock.patch.object(workflow.LogEntry.objects, "bulk_create", stay):
    workflow.perform("publish", Finding.objects.get(), user)
"""


def database_url():
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    told = connection.settings_dict
    return f"postgres://{told['USER']}:{quote(told['PASSWORD'])}@{told['HOST']}:{told['PORT']}/{name}"


def kill_in_the_middle(work):
    environment = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "joinedup.settings"}
    command = [sys.executable, "-c", BEGINNING + work]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "in the middle\n", process.stderr.read()
        finally:
            process.send_signal(signal.SIGKILL)


def everything(but=()):
    dumped = StringIO()
    call_command("dumpdata", "curation", "sources", "findings", "search", "taggit", exclude=[*but], stdout=dumped)
    return dumped.getvalue()


@pytest.fixture
def user():
    return get_user_model().objects.create_superuser("root")


def test_an_import_that_is_killed_leaves_nothing_and_can_be_done_again(user):
    make_source(title="Held already", doi="10.1000/a")
    records = "".join(f"TY  - BOOK\nTI  - Work number {n}\nAU  - Hudson, B.\nKW  - trust\nER  - \n" for n in range(50))
    update = "TY  - BOOK\nTI  - Held already\nDO  - 10.1000/a\nPB  - Some Press\nER  - \n"
    batch = importing.upload(BIBLIOGRAPHY, (update + records).encode(), "a.ris", user)
    before = everything()
    kill_in_the_middle(IMPORT)
    assert everything() == before
    importing.apply(batch, user=user)
    assert Source.objects.count() == 51


def test_an_entry_whose_publishing_is_killed_is_still_in_review_and_in_no_search(user):
    finding = make_finding(status="in-review", published_on=None)
    before = everything()
    kill_in_the_middle(PUBLISH)
    assert everything() == before
    assert workflow.perform(LogEntry.Name.PUBLISH, finding, user).is_public
