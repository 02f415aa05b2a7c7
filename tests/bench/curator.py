"""A librarian's browser: keeps cookies, fills in forms as they are, and sends them."""

from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"


class Browser:
    """`status` and `page` are of the last answer, `sent_to` is where it led."""

    def __init__(self, port, headers):
        self.connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = headers
        self.cookies = {}

    def log_in(self, name, password):
        address = "/admin/login/"
        form = self.form(address, having="password")
        status = self.send(address, {**form, "username": name, "password": password, "next": "/admin/"})
        if status != 302:
            raise SystemExit(f"Logging in answered {status}.")

    def form(self, address, having):
        """The values of the form at an address that has a field of this name, as they stand there."""
        self._ask("GET", address)
        return self.form_in_hand(having)

    def form_in_hand(self, having):
        for form in self.page.iter(f"{HTML}form"):
            fields = dict(_fields(form))
            if having in fields:
                return {name: value for name, value in fields.items() if value is not None}
        raise SystemExit(f"No form with “{having}” in an answer {self.status}.")

    def send(self, address, fields):
        self._ask("POST", address, urlencode(fields, doseq=True))
        return self.status

    def outcome(self, status, done):
        """`done`, if an answer to a form led on; else that it failed, and what the page says of it."""
        if status == 302:
            return done
        lists = (element for element in self.page.iter() if "errorlist" in (element.get("class") or ""))
        said = " ".join(text.strip() for element in lists for text in element.itertext() if text.strip())
        return f"failed, not {done} ({status} {said[:200]})"

    def _ask(self, method, address, body=None):
        address = address.removeprefix(f"https://{self.headers['Host']}")
        headers = {
            **self.headers,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"https://{self.headers['Host']}{address}",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, address, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(header).items()})
        self.status, self.sent_to = response.status, response.headers.get("Location", "")
        self.page = html5lib.parse(content, transport_encoding="utf-8")


def _fields(form):
    """Name and value, a list of values where there are several, of what the form would send; None for a button."""
    found = {}
    for element in form.iter():
        name, kind = element.get("name"), element.get("type", "text")
        if not name:
            continue
        values = []
        if element.tag == f"{HTML}textarea":
            values = ["".join(element.itertext())]
        elif element.tag == f"{HTML}select":
            options = list(element.iter(f"{HTML}option"))
            chosen = [option for option in options if option.get("selected") is not None]
            if not chosen and options and element.get("multiple") is None:
                chosen = options[:1]
            values = [option.get("value", "".join(option.itertext())) for option in chosen]
        elif element.tag == f"{HTML}input" and kind in ("submit", "button", "image", "file"):
            found.setdefault(name, None)
            continue
        elif element.tag == f"{HTML}input" and kind == "checkbox" and name == "_selected_action":
            values = [element.get("value")]  # all of the list
        elif element.tag == f"{HTML}input" and (
            kind not in ("checkbox", "radio") or element.get("checked") is not None
        ):
            values = [element.get("value", "on" if kind in ("checkbox", "radio") else "")]
        if values:
            found[name] = [*(found.get(name) or []), *values]
    return {name: values[0] if values and len(values) == 1 else values for name, values in found.items()}
