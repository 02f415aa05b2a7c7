"""What a page is compared with: the least that WSGI, and the least that Django, can do. Also how gunicorn serves them:
as it serves the site."""

worker_class = "gthread"
workers, threads, keepalive = 2, 4, 75
loglevel = "warning"
control_socket_disable = True

SAID = b"Hello, world!\n"


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(SAID)))])
    return [SAID]


def view(request):
    from django.http import HttpResponse

    return HttpResponse(SAID, content_type="text/plain")


def site():
    """A Django site of one view and no middleware, for a process of its own."""
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import path

    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=(path("", view),), MIDDLEWARE=[])
    django.setup()
    return WSGIHandler()
