"""The pages of what goes wrong. They need no database, show nothing of the inside, and lose nothing that was typed.

An error handler, not a middleware: what fails in a middleware, such as saving the session, never comes by a middleware.
"""

import logging
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.html import format_html

from joinedup.api.answers import problem
from joinedup.operations.unavailable import Trouble, trouble
from joinedup.sent import what_was_sent

RETRY_AFTER = 30  # seconds
TOO_MUCH = RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
NOT_SAVED = (
    "It was almost certainly not saved, and all of it is in this page. Leave the page open, and send it again when the"
    " site is well. If you want to be sure, look in another window first whether it is there already."
)
UNAVAILABLE = {
    Trouble.AWAY: (
        "Back in a minute",
        "The site cannot reach its database just now. This often passes by itself: try again in a minute. What was"
        " saved before is not lost.",
    ),
    Trouble.BUSY: (
        "The site is very busy",
        "Somebody else is saving a lot, and this had to wait too long. Try again in a minute.",
    ),
    Trouble.FULL: (
        "There is no room left",
        "The site’s disk is full. You can still read pages. Nothing can be saved until whoever runs the site has made"
        " room: please tell them.",
    ),
    Trouble.READ_ONLY: (
        "Nothing can be saved just now",
        "You can still read pages, but the database takes no changes for the moment. Try again in a minute. If it"
        " goes on, tell whoever runs the site.",
    ),
}
BARE = """<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{}</title></head>
<body><main><h1>{}</h1><p>{}</p><p><a href="/">Go to the home page</a></p></main></body>
</html>
"""
logger = logging.getLogger(__name__)


def bad_request(request, exception):
    if isinstance(exception, TOO_MUCH) and request.method == "POST":
        return _answer(
            request,
            400,
            "That was too much at once",
            f"A form may have at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields and"
            f" {filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)} of text, and 25 MB in all with its files. Nothing"
            " was saved. Go back: your browser still has what you typed. Take some of it out, or save it in parts.",
        )
    return _answer(
        request,
        400,
        "We cannot read that request",
        "Something in it is wrong, perhaps because a link was cut off. Go back, or start again from the home page.",
    )


def forbidden(request, exception):
    return _answer(
        request,
        403,
        "You may not do this",
        "Your account does not allow it. Ask an editor, or whoever runs this site, if you need to.",
        **_sent(request, "It was not saved."),
    )


def server_error(request):
    """503 if the database cannot serve now, else 500. Django calls this while it handles the exception."""
    found = trouble(sys.exc_info()[1])
    if found is None:
        return _answer(
            request,
            500,
            "Something went wrong at our end",
            "The page could not be made. Nothing you did caused it. Try again in a minute. If it goes on, tell whoever"
            " runs this site.",
            **_sent(request),
        )
    response = _answer(request, 503, *UNAVAILABLE[found], **_sent(request))
    response["Retry-After"] = RETRY_AFTER
    return response


def _sent(request, advice=NOT_SAVED):
    """What was posted, to be sent again, or at least to be read."""
    if request.method != "POST":
        return {}
    return {"was_sent": True, "sent": what_was_sent(request), "advice": advice}


def _answer(request, status, heading, lead, was_sent=False, sent=None, advice=""):
    if request.path.startswith("/api/"):
        response = problem(status, heading, lead)
        response["Access-Control-Allow-Origin"] = "*"
    elif request.path == "/oai" or not request.accepts("text/html"):
        response = HttpResponse(f"{heading}. {lead}\n", status=status, content_type="text/plain; charset=utf-8")
    else:
        try:
            context = {
                "heading": heading,
                "lead": lead,
                "status": status,
                "was_sent": was_sent,
                "sent": sent,
                "advice": advice,
            }
            page = render_to_string("error.html", context, request)
        except Exception:  # whatever made the first page fail may make this one fail
            logger.warning("The page of an error could not be made.", exc_info=True)
            page = format_html(BARE, heading, heading, lead)
        response = HttpResponse(page, status=status)
    response["Cache-Control"] = "no-store"
    return response
