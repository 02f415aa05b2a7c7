"""How every address of the API answers: JSON that anybody may read from anywhere, problems in words (RFC 9457), and
may be kept as pages may (`joinedup.caching`)."""

from dataclasses import dataclass
from functools import wraps

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from curation.text import as_json
from joinedup.api.parameters import BadParameter, read
from joinedup.api.shapes import Shape

METHODS = "GET, HEAD, OPTIONS"


@dataclass(frozen=True)
class Operation:
    """What an address answers. `answer` is the Shape of a 200, or a schema that refers to `parts`; `also` maps other
    statuses that it may have to words; `key` describes the last part of the address if that varies."""

    name: str
    path: str
    summary: str
    answer: object
    parameters: tuple = ()
    key: dict | None = None
    also: dict | None = None
    parts: tuple = ()

    @property
    def shapes(self):
        return (self.answer,) if isinstance(self.answer, Shape) else self.parts


def problem(status, title, detail, **more):
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def bad_parameter(name, detail):
    return problem(400, "Bad parameter", detail, parameter=name)


def not_found(detail):
    return problem(404, "Not found", detail)


def answers(operation):
    """Make an address of the API of `view(request, values, **path)`, which returns what is to be said or a response.

    `values` are the parameters, read as the operation declares them.
    """

    def made(view):
        @csrf_exempt  # nothing is ever written; without this, a POST would be told of cookies
        @wraps(view)
        def answered(request, **path):
            response = _answer(view, operation, request, path)
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = "ETag"
            return response

        answered.operation = operation
        return answered

    return made


def _answer(view, operation, request, path):
    if request.method == "OPTIONS":
        headers = {
            "Allow": METHODS,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": "If-None-Match",
            "Access-Control-Max-Age": "86400",
        }
        return HttpResponse(status=204, headers=headers)
    if request.method not in ("GET", "HEAD"):
        response = problem(405, "Method not allowed", "The API is read only: ask with GET.")
        response["Allow"] = METHODS
        return response
    try:
        values = read(request.GET, operation.parameters)
        said = view(request, values, **path)
    except BadParameter as bad:
        return bad_parameter(bad.name, str(bad))
    except TooManyFieldsSent:
        return problem(400, "Too many parameters", "The address has more parameters than can be read.")
    if isinstance(said, HttpResponse):
        return said
    return HttpResponse(as_json(said, separators=(",", ":")), content_type="application/json")
