"""Error reports to Sentry, or to a service with its protocol: where errors happened, and nothing of the reader."""

import logging

from django.core.exceptions import ImproperlyConfigured

from joinedup.operations.log_format import without_queries
from joinedup.operations.request_log import current

TESTED = "2.75.0"


def start(dsn):
    """Report errors to `dsn` from now on; raise ImproperlyConfigured if that cannot be."""
    try:
        import sentry_sdk
    except ImportError:
        raise ImproperlyConfigured(f"SENTRY_DSN needs a package: pip install sentry-sdk=={TESTED}") from None
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.django import DjangoIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.utils import BadDsn

    try:
        sentry_sdk.init(
            dsn=dsn,
            default_integrations=False,  # others add headers to requests of ours, or tell the command line
            auto_enabling_integrations=False,
            integrations=[
                DjangoIntegration(),
                LoggingIntegration(level=None, event_level=logging.ERROR),
                ExcepthookIntegration(),
                DedupeIntegration(),
                AtexitIntegration(callback=lambda pending, timeout: None),
            ],
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,  # what somebody typed or searched for, and secrets
            max_breadcrumbs=0,
            auto_session_tracking=False,
            before_send=without_reader,
        )
    except BadDsn:
        raise ImproperlyConfigured("SENTRY_DSN must be the address that Sentry shows for a project.") from None


def without_reader(event, hint):
    """Leave of the request its method and its address without the query, in messages too; add its id, by which the log
    tells more."""
    if request := event.pop("request", None):
        event["request"] = {name: request[name] for name in ("method", "url") if name in request}
    event.pop("user", None)
    if entry := event.pop("logentry", None):
        event["logentry"] = {"message": entry["message"], "formatted": without_queries(entry.get("formatted") or "")}
    for error in event.get("exception", {}).get("values", []):
        error["value"] = without_queries(error.get("value") or "")
    if current_request := current.get():
        event.setdefault("tags", {})["request_id"] = current_request.id
    return event
