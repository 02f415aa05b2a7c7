"""The score that the HTTP Observatory of MDN would give an answer, by its published rules:
https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring. Only what an https site can be measured by
without a network; preloading of HSTS, which is a list of browsers, counts as not there."""

import re
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import html5lib

BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*"}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SIX_MONTHS = 15768000


def score(response, redirect, host):
    """{test: points}, of which 100 and all of them are the score; bonuses count from 90.

    `redirect` is what the same address answers over http.
    """
    headers = response.headers
    policy = _policy(headers.get("Content-Security-Policy", ""))
    points = {
        "content-security-policy": _csp(policy),
        "cookies": _cookies(response.cookies),
        "cross-origin-resource-sharing": -50 if "Access-Control-Allow-Credentials" in headers else 0,
        "redirection": _redirection(redirect, host),
        "referrer-policy": 5 if headers.get("Referrer-Policy") in PRIVATE else -5,
        "strict-transport-security": _hsts(headers.get("Strict-Transport-Security", "")),
        "subresource-integrity": _integrity(response, host),
        "x-content-type-options": 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
        "x-frame-options": _framing(policy, headers.get("X-Frame-Options", "")),
        "cross-origin-resource-policy": {"same-origin": 10, "same-site": 10, "cross-origin": 0, None: 0}.get(
            headers.get("Cross-Origin-Resource-Policy"), -5
        ),
    }
    base = 100 + sum(value for value in points.values() if value < 0)
    return points, base + (sum(value for value in points.values() if value > 0) if base >= 90 else 0)


def _policy(text):
    parts = [part.split() for part in text.split(";") if part.strip()]
    assert len({part[0] for part in parts}) == len(parts), "a directive stands twice"
    return {name: {*sources} for name, *sources in parts}


def _csp(policy):
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    script, style = policy.get("script-src", default), policy.get("style-src", default)
    objects = policy.get("object-src", default)
    loose = {"'unsafe-inline'", "data:"}
    if script & (BROAD | loose) or objects & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for sources in policy.values() for source in sources):
        return -20
    if "'unsafe-eval'" in script | style:
        return -10
    if style & (BROAD | loose):
        return 0
    return 10 if default == {"'none'"} else 5


def _cookies(cookies: SimpleCookie):
    if not cookies:
        return 0
    for cookie in cookies.values():
        if "sess" in cookie.key.lower() and not cookie["httponly"]:
            return -30
        if not cookie["secure"] or cookie["samesite"] not in ("Lax", "Strict"):
            return -20
    return 5


def _redirection(redirect, host):
    if redirect.status_code not in (301, 302, 307, 308):
        return -20
    first = urlsplit(redirect["Location"])
    if first.scheme != "https":
        return -20
    return 0 if first.netloc == host else -5


def _hsts(text):
    age = re.search(r"max-age=(\d+)", text)
    if not age:
        return -20
    return 0 if int(age[1]) >= SIX_MONTHS else -10


def _integrity(response, host):
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    outside = [tag for tag in page.iter("script") if urlsplit(tag.get("src", "")).netloc not in ("", host)]
    return -5 if any(not tag.get("integrity") for tag in outside) else 0


def _framing(policy, header):
    if "frame-ancestors" in policy:
        return 5
    return 0 if header.upper() in ("DENY", "SAMEORIGIN") else -20
