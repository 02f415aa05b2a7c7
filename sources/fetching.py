"""Ask an address on the web: politely, in bounded time, and never anything inside a network.

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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urldefrag, urljoin, urlsplit

MOST_REDIRECTS = 5
MOST_BYTES = 32_000  # of an answer whose body is not wanted: its head, and what comes along with it
MOST_LETTERS = 2000
MOST_TRIED = 4  # of the numbers that a name has
SECONDS_TO_CONNECT = 5

REDIRECTS = {301, 302, 303, 307, 308}
# These tell of our own network, not of the address.
OUR_OWN_FAULT = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE}

NO_ADDRESS = "This is not an address of the web. Correct it."
SAFE = "%/:@!$&'()*+,;=~"  # what stays as it is in a path

NAT64 = ipaddress.ip_network("64:ff9b::/96")
AZURE = ipaddress.ip_address("168.63.129.16")  # looks open, and tells Azure's own computers about themselves


class Refused(Exception):
    """The address is not one to look at; the message says why."""


class Failed(Exception):
    """No answer came; the message says why. Unclear: that may be our own network, or no fault at all."""

    def __init__(self, words, is_unclear=False):
        super().__init__(words)
        self.is_unclear = is_unclear


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


@dataclass(frozen=True)
class Response:
    """What an address answered. `body` is None where it was not asked for."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes | None = None

    @property
    def leads_to(self):
        """Where a redirect goes, as it says it; empty if this is none."""
        return self.headers.get("Location", "").strip() if self.status in REDIRECTS else ""


class Fetcher:
    """Asks one address after the other: of each host one at a time, with a pause between two questions.

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
        self._turns = {}  # host -> Turn

    def get(self, url, until, accept="*/*", most_bytes=1_000_000):
        """The Response of `url`, or of where it leads, its body included. Raises Refused or Failed."""
        here = url
        for _ in range(MOST_REDIRECTS + 1):
            target = Target.of(here, self.ports)
            with told(target):
                numbers = self.numbers(target, until)
                answer = self.request("GET", target, numbers, until, accept=accept, most_bytes=most_bytes)
            if not answer.leads_to:
                return answer
            here = next_address(here, answer.leads_to)
        raise Failed("It sends us on and on.", is_unclear=True)

    def numbers(self, target, until):
        """The IP addresses to try. Raises Refused if one of them is inside a network, and what `told` tells."""
        try:
            numbers = list(dict.fromkeys(self.look_up(target.host, target.port, until.left())))
        except UnicodeError as error:
            raise Refused(NO_ADDRESS) from error
        if not all(self.is_allowed(number) for number in numbers):
            raise Refused("It is inside a network, where readers do not come.")
        return numbers[:MOST_TRIED]

    def request(self, method, target, numbers, until, *, accept="*/*", most_bytes=0):
        """One question, and the Response; its body if `most_bytes` are wanted of it. Raises what `told` tells."""
        with self._turn(target.host, until):
            connection = http.client.HTTPConnection(target.host, target.port)
            # Connected here, so that it looks up nothing itself.
            connection.sock = self._connected(target, numbers, until, MOST_BYTES + most_bytes)
            try:
                headers = {
                    "Host": target.host_header,
                    "User-Agent": self.user_agent,
                    "Accept": accept,
                    "Connection": "close",
                }
                connection.request(method, target.path, headers=headers)
                response = connection.getresponse()
                body = response.read(most_bytes + 1) if most_bytes else None
                if body and len(body) > most_bytes:
                    raise TooMuch
                if body is not None and response.length:
                    raise http.client.IncompleteRead(body, response.length)
                return Response(target.url, response.status, response.headers, body)
            finally:
                connection.close()

    @contextmanager
    def _turn(self, host, until):
        turn = self._turns.setdefault(host, Turn())
        if not turn.lock.acquire(timeout=until.left()):
            raise TimeoutError
        try:
            wait = turn.last + self.pause - time.monotonic()
            if wait > 0:
                time.sleep(min(wait, until.left()))
            turn.last = time.monotonic()
            yield
        finally:
            turn.lock.release()

    def _connected(self, target, numbers, until, most_bytes):
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
                return BoundedSocket(plain, until, most_bytes)
            except BaseException:
                plain.close()
                raise
        raise error

    @cached_property
    def tls(self):
        return self._tls or ssl.create_default_context()


class Turn:
    """Whose turn it is at a host, and when somebody last asked it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.last = float("-inf")


@contextmanager
def told(target):
    """What goes wrong with a question, as Failed, in words."""
    try:
        yield
    except TimeoutError as error:
        raise Failed("No answer came in time.") from error
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Failed("The name could not be looked up just now.", is_unclear=True) from error
        raise Failed(f"No computer has the name {target.host}.") from error
    except ssl.SSLError as error:
        # Browsers fetch a missing link of the chain of certificates, and let people go on.
        words = "Its certificate could not be checked. Open it in a browser and see."
        raise Failed(words, is_unclear=True) from error
    except ConnectionRefusedError as error:
        raise Failed("The computer of that name does not take connections.") from error
    except OSError as error:
        is_ours = error.errno in OUR_OWN_FAULT
        raise Failed("The connection broke off or did not come about.", is_unclear=is_ours) from error
    except TooMuch as error:
        raise Failed("More came than can be an answer.") from error
    except (http.client.HTTPException, ValueError) as error:
        raise Failed("What answers there does not speak the language of the web.") from error


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
    """More came than was to be read."""


class BoundedSocket:
    """A socket as http.client wants one, which is through when the time is, however slowly something drips in."""

    def __init__(self, plain, until, most_bytes=MOST_BYTES):
        self.plain = plain
        self.until = until
        self.most_bytes = most_bytes

    def sendall(self, data):
        self.plain.settimeout(self.until.left())
        self.plain.sendall(data)

    def makefile(self, mode):
        return io.BufferedReader(BoundedReading(self.plain, self.until, self.most_bytes))

    def close(self):
        self.plain.close()


class BoundedReading(io.RawIOBase):
    def __init__(self, plain, until, most_bytes):
        super().__init__()
        self.plain = plain
        self.until = until
        self.bytes_left = most_bytes

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.bytes_left:
            raise TooMuch
        self.plain.settimeout(self.until.left())
        taken = self.plain.recv_into(memoryview(buffer)[: self.bytes_left])
        self.bytes_left -= taken
        return taken
