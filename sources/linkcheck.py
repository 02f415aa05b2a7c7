"""Is an address on the web alive? Asked politely, in bounded time, and never of anything inside a network.

Whoever can write an address must not reach through us what only this computer can reach. So a name is looked up once,
everything it leads to has to be out in the open, and the connection goes to the very number that was looked at; each
redirect begins all over again. Knows nothing of sources.
"""

import errno
import http.client
import io
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from django.db.models import TextChoices

MOST_REDIRECTS = 5
MOST_BYTES = 32_000  # of an answer: its head, and what comes along with it; a body is never asked for
MOST_LETTERS = 2000
MOST_TRIED = 4  # of the numbers that a name has
SECONDS = 12  # for an address with all its redirects
SECONDS_TO_CONNECT = 5

REDIRECTS = {301, 302, 303, 307, 308}
GONE = {404, 410}
# What servers say that know no HEAD, or keep it from programs: a GET may fare better.
REFUSES_HEAD = {400, 403, 404, 405, 406, 500, 501}
CLOSED = {401, 402, 403, 407, 451}
LATER = {408, 425, 429, 503}
# These tell of our own network, not of the address.
OUR_OWN_FAULT = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE}

NO_ADDRESS = "This is not an address of the web. Correct it."
SAFE = "%/:@!$&'()*+,;=~"  # what stays as it is in a path

NAT64 = ipaddress.ip_network("64:ff9b::/96")
AZURE = ipaddress.ip_address("168.63.129.16")  # looks open, and tells Azure's own computers about themselves


class Outcome(TextChoices):
    ALIVE = "alive", "Works"
    GONE = "gone", "Gone"
    FAILED = "failed", "Does not work"
    UNCLEAR = "unclear", "Cannot tell"
    REFUSED = "refused", "Not looked at"


@dataclass(frozen=True)
class Answer:
    """`words` say what is the matter, unless it is alive; `leads_to` is where redirects ended, if there were any."""

    outcome: Outcome
    status: int | None = None
    words: str = ""
    leads_to: str = ""


class Refused(Exception):
    """The address is not one to look at; the message says why."""


class Failed(Exception):
    """No answer came; the message says why."""

    def __init__(self, words, outcome=Outcome.FAILED):
        super().__init__(words)
        self.outcome = outcome


def is_out_in_the_open(number):
    """Whether an IP address, as text, is one that everybody on the internet could reach."""
    ip = ipaddress.ip_address(number)
    if ip == AZURE:
        return False
    if ip.version == 6:
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or [])]
        if ip in NAT64:
            inner.append(ipaddress.ip_address(int(ip) & 0xFFFFFFFF))
        inner = [address for address in inner if address]
        if inner:
            return all(is_out_in_the_open(str(address)) for address in inner)
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def look_up(host, port, seconds):
    """The numbers that a name has, as getaddrinfo gives them, in `seconds` at most: the system's own wait is longer."""
    found = []

    def ask():
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return [answer[4][0] for answer in found[0]]


class Until:
    """A moment, by the clock that never goes back."""

    def __init__(self, seconds):
        self.moment = time.monotonic() + seconds

    def left(self):
        """The seconds that are left; TimeoutError when there are none."""
        seconds = self.moment - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


@dataclass(frozen=True)
class Target:
    url: str
    scheme: str
    host: str  # in ASCII
    port: int
    path: str

    @classmethod
    def of(cls, url, ports):
        """Take an address apart; Refused when it is none that is looked at."""
        try:
            parts = urlsplit(url)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
            name = parts.hostname or ""
            host = name if ":" in name else name.encode("idna").decode("ascii")
            path = quote(parts.path or "/", safe=SAFE)
            if parts.query:
                path += "?" + quote(parts.query, safe=SAFE + "?[]")
        except ValueError as error:  # UnicodeError is one
            raise Refused(NO_ADDRESS) from error
        if parts.scheme not in ("http", "https"):
            raise Refused("Only addresses that begin with http:// or https:// are looked at.")
        if not host or len(url) > MOST_LETTERS:
            raise Refused(NO_ADDRESS)
        if parts.username is not None or parts.password is not None:
            raise Refused("The address holds a user name or a password. Take it out.")
        if port not in ports:
            raise Refused(f"The address names port {port}, which is not looked at.")
        return cls(url, parts.scheme, host, port, path)

    @property
    def host_header(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in (80, 443) else f"{host}:{self.port}"


class Checker:
    """Looks at one address after the other, with a pause between two questions to the same host.

    `ports` are those it may knock at. For tests alone, `is_allowed` decides which IP addresses may be reached,
    `look_up` finds them, and `tls` is what certificates are measured by.
    """

    def __init__(
        self, user_agent, ports=(80, 443), *, pause=1.0, is_allowed=is_out_in_the_open, look_up=look_up, tls=None
    ):
        self.user_agent = user_agent
        self.ports = {*ports}
        self.pause = pause
        self.is_allowed = is_allowed
        self.look_up = look_up
        self._tls = tls
        self._asked = {}  # host -> when last

    def check(self, url, seconds=SECONDS):
        """Look at `url`, for `seconds` at most with everything it leads to. Returns an Answer; never raises."""
        until = Until(seconds)
        here, seen = url, []
        status = None
        try:
            while here not in seen:
                seen.append(here)
                status, location = self._ask(Target.of(here, self.ports), until)
                if status not in REDIRECTS or not location:
                    return Answer(*judged(status), leads_to="" if here == url else here)
                if len(seen) > MOST_REDIRECTS:
                    break
                here = next_address(here, location)
            # Sites that insist on cookies do this to programs, and serve people well.
            words = "It sends our check on and on. Open it in a browser and see."
            return Answer(Outcome.UNCLEAR, status, words, leads_to=here)
        except Refused as refused:
            words = str(refused) if here == url else f"It leads to an address that is not looked at. {refused}"
            return Answer(Outcome.REFUSED, words=words, leads_to="" if here == url else here)
        except Failed as failed:
            return Answer(failed.outcome, words=str(failed), leads_to="" if here == url else here)

    def _ask(self, target, until):
        """The status and the Location of what `target` answers, to HEAD or, where that is refused, to GET."""
        try:
            numbers = self._numbers(target, until)
            try:
                status, location = self._request("HEAD", target, numbers, until)
            except (http.client.HTTPException, ConnectionResetError):
                status, location = 405, ""
            if status in REFUSES_HEAD:
                status, location = self._request("GET", target, numbers, until)
            return status, location
        except TimeoutError as error:
            raise Failed("No answer came in time.") from error
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise Failed("The name could not be looked up just now.", Outcome.UNCLEAR) from error
            raise Failed(f"No computer has the name {target.host}.") from error
        except ssl.SSLError as error:
            # Browsers fetch a missing link of the chain of certificates, and let people go on.
            words = "Its certificate could not be checked. Open it in a browser and see."
            raise Failed(words, Outcome.UNCLEAR) from error
        except ConnectionRefusedError as error:
            raise Failed("The computer of that name does not take connections.") from error
        except OSError as error:
            outcome = Outcome.UNCLEAR if error.errno in OUR_OWN_FAULT else Outcome.FAILED
            raise Failed("The connection broke off or did not come about.", outcome) from error
        except (http.client.HTTPException, TooMuch, ValueError) as error:
            raise Failed("What answers there does not speak the language of the web.") from error

    def _numbers(self, target, until):
        try:
            numbers = list(dict.fromkeys(self.look_up(target.host, target.port, until.left())))
        except UnicodeError as error:
            raise Refused(NO_ADDRESS) from error
        if not all(self.is_allowed(number) for number in numbers):
            raise Refused("It is inside a network, where readers do not come.")
        return numbers[:MOST_TRIED]

    def _request(self, method, target, numbers, until):
        self._wait_for_our_turn(target.host, until)
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = self._connected(target, numbers, until)  # so that it looks up nothing itself
        try:
            headers = {
                "Host": target.host_header,
                "User-Agent": self.user_agent,
                "Accept": "*/*",
                "Connection": "close",
            }
            connection.request(method, target.path, headers=headers)
            response = connection.getresponse()
            return response.status, response.getheader("Location", "").strip()
        finally:
            connection.close()

    def _wait_for_our_turn(self, host, until):
        wait = self._asked.get(host, -self.pause) + self.pause - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, until.left()))
        self._asked[host] = time.monotonic()

    def _connected(self, target, numbers, until):
        error = socket.gaierror(socket.EAI_NONAME, "no address")
        for number in numbers:
            try:
                plain = socket.create_connection((number, target.port), min(SECONDS_TO_CONNECT, until.left()))
            except OSError as problem:
                error = problem
                continue
            try:
                if target.scheme == "https":
                    plain.settimeout(until.left())
                    plain = self.tls.wrap_socket(plain, server_hostname=target.host)
                return BoundedSocket(plain, until)
            except BaseException:
                plain.close()
                raise
        raise error

    @cached_property
    def tls(self):
        return self._tls or ssl.create_default_context()


def judged(status):
    """The outcome that a status stands for, the status, and what to say of it."""
    if 200 <= status < 300:
        return Outcome.ALIVE, status, ""
    if status in GONE:
        return Outcome.GONE, status, "The site says that nothing is there."
    if status in CLOSED:
        return Outcome.UNCLEAR, status, "The site does not let our check in. Open it in a browser and see."
    if status in LATER:
        return Outcome.UNCLEAR, status, "The site is too busy to say."
    if status >= 500:
        return Outcome.FAILED, status, "The site has a fault of its own."
    return (
        Outcome.UNCLEAR,
        status,
        "The site answers our check in a way that tells nothing. Open it in a browser and see.",
    )


def next_address(here, location):
    """Where a Location leads from `here`. Its bytes come as Latin-1, whatever they were."""
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        there = urldefrag(urljoin(here, location)).url
    except ValueError as error:
        raise Refused(f"It leads to what is no address, {location[:100]!r}.") from error
    if len(there) > MOST_LETTERS or not there.isprintable():
        raise Refused("It leads to what is no address.")
    return there


class TooMuch(Exception):
    """More came than the head of an answer can be."""


class BoundedSocket:
    """A socket as http.client wants one, which is through when the time is, however slowly something drips in."""

    def __init__(self, plain, until):
        self.plain = plain
        self.until = until

    def sendall(self, data):
        self.plain.settimeout(self.until.left())
        self.plain.sendall(data)

    def makefile(self, mode):
        return io.BufferedReader(BoundedReading(self.plain, self.until))

    def close(self):
        self.plain.close()


class BoundedReading(io.RawIOBase):
    def __init__(self, plain, until):
        super().__init__()
        self.plain = plain
        self.until = until
        self.bytes_left = MOST_BYTES

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.bytes_left:
            raise TooMuch
        self.plain.settimeout(self.until.left())
        taken = self.plain.recv_into(memoryview(buffer)[: self.bytes_left])
        self.bytes_left -= taken
        return taken
