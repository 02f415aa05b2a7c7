"""What every answer tells a browser about what may be done with it: one middleware, outermost, so that static files,
errors, redirects and answers from a cache have it too.

Pages load nothing but our own files, and nothing of theirs runs that is written into the page itself: no `unsafe-*`, no
nonces, no outside host. Only the desk goes without Trusted Types, which the jQuery of Django's admin does not know.
What is no page, and public, may be fetched from anywhere: files, feeds, pictures and the API are there for it.
"""

CARD = "frame-ancestors *"  # by which a view says that its page may be framed
DESK = "/admin/"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors "
)
TYPED = "; require-trusted-types-for 'script'; trusted-types 'none'"

# What a browser can do for a page, and no page of ours asks for; copying a text, of which site.js does, is not here.
UNUSED = (
    "accelerometer, autoplay, camera, display-capture, encrypted-media, fullscreen, geolocation, gyroscope, hid, "
    "idle-detection, local-fonts, magnetometer, microphone, midi, otp-credentials, payment, picture-in-picture, "
    "publickey-credentials-create, publickey-credentials-get, screen-wake-lock, serial, storage-access, usb, "
    "window-management, xr-spatial-tracking"
)

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED.split(", ")),
}
OURS_ALONE = {"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY"}
FOR_EVERYBODY = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}

ON_DESK = {**COMMON, **OURS_ALONE, "Content-Security-Policy": f"{POLICY}'none'"}
ON_PAGES = {**COMMON, **OURS_ALONE, "Content-Security-Policy": f"{POLICY}'none'{TYPED}"}
ON_FILES = {**ON_PAGES, **FOR_EVERYBODY}
ON_CARDS = {
    **COMMON,
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": f"{POLICY}*{TYPED}",
}


def security_headers(get_response):
    def answer(request):
        response = get_response(request)
        for name, value in headers_for(request.path_info, response).items():
            response.headers[name] = value
        return response

    return answer


def headers_for(path, response):
    """Those that go with what is answered at `path`."""
    if path.startswith(DESK):
        return ON_DESK
    if response.status_code == 304:
        return COMMON  # a browser keeps the others with what it holds
    if response.get("Content-Security-Policy") == CARD:
        return ON_CARDS
    return ON_PAGES if response.get("Content-Type", "text/html").startswith("text/html") else ON_FILES
