"""Reports of errors tell nothing of the reader."""

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from joinedup.operations import error_reporting
from joinedup.operations.request_log import Request, current


def test_without_the_package_the_site_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN needs a package: pip install sentry-sdk==2"):
        error_reporting.start("https://key@sentry.example.org/1")


def test_a_report_has_of_the_request_its_path_and_its_id():
    token = current.set(Request("5f0c", "GET", "/search/"))
    try:
        sent = error_reporting.without_reader(
            {
                "level": "error",
                "request": {
                    "method": "GET",
                    "url": "https://example.org/search/",
                    "query_string": "q=hidden",
                    "headers": {"Referer": "hidden"},
                    "cookies": {"sessionid": "hidden"},
                    "data": "hidden",
                },
                "user": {"username": "hidden"},
                "logentry": {"message": "Bad: %s", "formatted": "Bad: /search/?q=hidden", "params": ["hidden"]},
                "exception": {"values": [{"type": "ValueError", "value": "/search/?q=hidden"}]},
            },
            {},
        )
    finally:
        current.reset(token)
    assert sent == {
        "level": "error",
        "request": {"method": "GET", "url": "https://example.org/search/"},
        "logentry": {"message": "Bad: %s", "formatted": "Bad: /search/?…"},
        "exception": {"values": [{"type": "ValueError", "value": "/search/?…"}]},
        "tags": {"request_id": "5f0c"},
    }
