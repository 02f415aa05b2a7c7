"""Looking at addresses: against servers of this test, which are the only ones inside a network that may be reached."""

import contextlib
import http.server
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import fetching
from sources.fetching import MOST_BYTES, Target, is_out_in_the_open
from sources.linkcheck import Checker, Outcome, doubt_of

# 127.0.0.1 stays forbidden, so that the tests can send the check there.
HERE = "127.0.0.9"
CERTIFICATE = Path(__file__).parent / "data" / "alive.test.pem"


class Site(http.server.BaseHTTPRequestHandler):
    """/301?where, /status/404, /head-refused/405 and some that misbehave."""

    protocol_version = "HTTP/1.1"
    asked = None

    def do_HEAD(self):
        self.asked.append((self.command, self.path, dict(self.headers)))
        path, _, query = self.path.partition("?")
        name, _, rest = path.strip("/").partition("/")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, f"say_{name.replace('-', '_')}")(rest, query)
        self.close_connection = True

    do_GET = do_HEAD

    def say(self, status, **headers):
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()

    def say_(self, rest, query):
        self.say(200, **{"Content-Length": "0"})

    def say_status(self, status, query):
        self.say(int(status), **{"Content-Length": "0"})

    def say_head_refused(self, status, query):
        self.say(int(status) if self.command == "HEAD" else 200, **{"Content-Length": "0"})

    def say_head_dropped(self, rest, query):
        if self.command == "HEAD":
            self.connection.close()
        else:
            self.say(200)

    def say_to(self, status, query):
        self.say(int(status), Location=query)

    def say_chain(self, number, query):
        self.say(302, Location=f"/chain/{int(number) - 1}") if int(number) else self.say(200)

    def say_slow(self, rest, query):
        time.sleep(3)

    def say_dripping(self, rest, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(60):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def say_endless(self, rest, query):
        if self.command == "HEAD":
            return self.say(405)
        self.say(200)
        self.server.sent = 0
        while self.server.sent < 50_000_000:
            self.wfile.write(b"x" * 10_000)
            self.server.sent += 10_000

    def say_bomb(self, rest, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            self.wfile.write(b"X-%d: %s\r\n" % (number, b"x" * 500))

    def say_nonsense(self, rest, query):
        self.wfile.write(b"220 mail.example.org ESMTP\r\n")

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serving(tls=None):
    class Here(Site):
        asked = []

    server = http.server.ThreadingHTTPServer((HERE, 0), Here)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def server():
    with serving() as server:
        yield server


@pytest.fixture
def site(server):
    server.RequestHandlerClass.asked.clear()
    return f"http://{HERE}:{server.server_port}"


def only_here(number):
    return number == HERE or is_out_in_the_open(number)


def make_checker(server, **values):
    values = {"pause": 0, "is_allowed": only_here, **values}
    return Checker("Joined-up tests", (80, 443, server.server_port), **values)


@pytest.fixture
def checker(server):
    return make_checker(server)


def resolving(*numbers):
    return lambda host, port, seconds: list(numbers)


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            (200, Outcome.ALIVE),
            (204, Outcome.ALIVE),
            (404, Outcome.GONE),
            (410, Outcome.GONE),
            (401, Outcome.UNCLEAR),
            (403, Outcome.UNCLEAR),
            (429, Outcome.UNCLEAR),
            (503, Outcome.UNCLEAR),
            (418, Outcome.UNCLEAR),
            (304, Outcome.UNCLEAR),
            (500, Outcome.FAILED),
            (502, Outcome.FAILED),
        ],
    )
    def test_a_status_is_judged(self, site, checker, status, outcome):
        answer = checker.check(f"{site}/status/{status}")
        assert (answer.outcome, answer.status) == (outcome, status)
        assert bool(answer.words) == (outcome != Outcome.ALIVE)

    @pytest.mark.parametrize(
        "refusal", ["head-refused/405", "head-refused/501", "head-refused/403", "head-refused/404", "head-dropped"]
    )
    def test_where_head_is_refused_it_asks_with_get(self, site, server, checker, refusal):
        assert checker.check(f"{site}/{refusal}").outcome == Outcome.ALIVE
        assert [method for method, _, _ in server.RequestHandlerClass.asked] == ["HEAD", "GET"]

    def test_it_says_who_it_is_and_to_whom_it_speaks(self, site, server, checker):
        checker.check(f"{site}/status/200#part")
        [(method, path, headers)] = server.RequestHandlerClass.asked
        assert (method, path) == ("HEAD", "/status/200")
        assert headers["User-Agent"] == "Joined-up tests"
        assert headers["Host"] == f"{HERE}:{server.server_port}"

    def test_letters_beyond_ascii_are_sent_as_browsers_send_them(self, site, server, checker):
        checker.check(f"{site}/status/200?wörk=é")
        assert server.RequestHandlerClass.asked[0][1] == "/status/200?w%C3%B6rk=%C3%A9"
        assert Target.of("http://bücher.example/ä b", [80]).host_header == "xn--bcher-kva.example"
        assert Target.of("http://bücher.example/ä b", [80]).path == "/%C3%A4%20b"

    def test_no_proxy_is_used(self, site, checker, monkeypatch):
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert checker.check(f"{site}/status/200").outcome == Outcome.ALIVE

    def test_the_same_host_is_given_a_pause(self, site, server, monkeypatch):
        slept = []
        monkeypatch.setattr(fetching.time, "sleep", slept.append)
        checker = make_checker(server, pause=1.0)
        checker.check(f"{site}/status/200")
        assert not slept
        checker.check(f"{site}/status/204")
        assert len(slept) == 1
        assert 0.5 < slept[0] <= 1


class TestFailures:
    def test_what_never_answers_ends_in_time(self, site, checker):
        began = time.monotonic()
        answer = checker.check(f"{site}/slow", seconds=0.3)
        assert (answer.outcome, answer.words) == (Outcome.FAILED, "No answer came in time.")
        assert time.monotonic() - began < 2

    def test_what_drips_ends_in_time(self, site, checker):
        began = time.monotonic()
        assert checker.check(f"{site}/dripping", seconds=0.4).outcome == Outcome.FAILED
        assert time.monotonic() - began < 2

    def test_a_name_that_is_looked_up_for_ever_ends_in_time(self, monkeypatch):
        released = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: released.wait(5))
        began = time.monotonic()
        try:
            assert Checker("test").check("http://example.org/", seconds=0.2).outcome == Outcome.FAILED
            assert time.monotonic() - began < 2
        finally:
            released.set()

    def test_of_an_endless_body_nothing_is_read(self, site, server, checker):
        assert checker.check(f"{site}/endless").outcome == Outcome.ALIVE
        time.sleep(0.2)
        assert server.sent < 50_000_000

    def test_a_bomb_of_headers_is_let_go(self, site, checker):
        answer = checker.check(f"{site}/bomb")
        assert answer.outcome == Outcome.FAILED
        assert answer.words

    def test_no_more_than_the_head_of_an_answer_is_read(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            threading.Thread(target=theirs.sendall, args=[b"x" * MOST_BYTES * 2], daemon=True).start()
            reading = fetching.BoundedSocket(ours, fetching.Until(5)).makefile("rb")
            assert len(reading.read(MOST_BYTES)) == MOST_BYTES
            with pytest.raises(fetching.TooMuch):
                reading.read(1)

    def test_what_is_no_web_server_fails(self, site, checker):
        assert checker.check(f"{site}/nonsense").outcome == Outcome.FAILED

    def test_a_closed_port_fails(self, server):
        with socket.socket() as taken:
            taken.bind((HERE, 0))
            port = taken.getsockname()[1]
            checker = Checker("test", [port], is_allowed=only_here)
            assert checker.check(f"http://{HERE}:{port}/").outcome == Outcome.FAILED

    @pytest.mark.parametrize(
        ("error", "outcome"), [(socket.EAI_NONAME, Outcome.FAILED), (socket.EAI_AGAIN, Outcome.UNCLEAR)]
    )
    def test_an_unknown_name_fails_and_a_look_up_that_fails_tells_nothing(self, monkeypatch, error, outcome):
        def refuse(*args, **kwargs):
            raise socket.gaierror(error, "no")

        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert Checker("test").check("http://nowhere.example/").outcome == outcome


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_they_are_followed(self, site, checker, status):
        answer = checker.check(f"{site}/to/{status}?/status/200")
        assert (answer.outcome, answer.leads_to) == (Outcome.ALIVE, f"{site}/status/200")

    def test_where_one_leads_to_nothing_it_is_gone(self, site, checker):
        answer = checker.check(f"{site}/to/301?/status/404")
        assert (answer.outcome, answer.leads_to) == (Outcome.GONE, f"{site}/status/404")

    @pytest.mark.parametrize("lost", ["/", "/index.html", "/en/", "/home", "/en-GB"])
    def test_one_to_the_home_page_is_to_be_looked_at(self, lost):
        assert "home page" in doubt_of("https://example.org/reports/12.pdf", f"https://example.org{lost}")
        assert "home page" in doubt_of("https://doi.org/10.1000/a", f"https://publisher.example{lost}")

    @pytest.mark.parametrize(
        "closed",
        ["https://example.org/login?next=%2Fa", "https://login.example.org/a", "https://example.org/user/sign-in",
         "https://example.org/idp/profile/SAML2", "https://example.org/Account/LogOn"],
    )  # fmt: skip
    def test_one_to_a_log_in_is_to_be_looked_at(self, closed):
        assert "log in" in doubt_of("https://example.org/reports/12", closed)

    @pytest.mark.parametrize(
        ("url", "here"),
        [
            ("http://example.org/", "https://www.example.org/"),
            ("http://example.org", "https://www.example.org/en/"),
            ("https://example.org/a", "https://example.org/reports/12"),
            ("https://example.org/a", "https://example.org/?page=12"),
            ("https://example.org/a", "https://example.org/assortment/author/blogging"),
            ("https://example.org/login", "https://example.org/login/"),
        ],
    )
    def test_one_to_another_page_is_not(self, url, here):
        assert doubt_of(url, here) == ""

    def test_what_ends_at_the_home_page_is_no_longer_told_as_working(self, site, checker):
        answer = checker.check(f"{site}/to/301?/")
        assert (answer.outcome, answer.status, answer.leads_to) == (Outcome.LOOK, 200, f"{site}/")

    def test_five_are_followed_and_no_sixth(self, site, server, checker):
        assert checker.check(f"{site}/chain/5").outcome == Outcome.ALIVE
        server.RequestHandlerClass.asked.clear()
        assert checker.check(f"{site}/chain/6").outcome == Outcome.UNCLEAR
        assert len(server.RequestHandlerClass.asked) == 6

    def test_a_circle_is_seen(self, site, server, checker):
        answer = checker.check(f"{site}/to/302?/to/302")
        assert answer.outcome == Outcome.UNCLEAR
        server.RequestHandlerClass.asked.clear()
        loop = f"{site}/to/302?{site}/to/302"
        assert checker.check(loop).outcome == Outcome.UNCLEAR
        assert len(server.RequestHandlerClass.asked) <= 3

    @pytest.mark.parametrize(
        "inside",
        [
            "http://127.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://0x7f.1/",
            "http://localhost/",
            "http://0.0.0.0/",
            "//127.0.0.1/",
            "file:///etc/passwd",
            "ftp://example.org/",
            "gopher://127.0.0.1:80/",
            "http://user:secret@example.org/",
            "http://example.org:25/",
            "http://[bad/",
            "javascript:alert(1)",
        ],
    )
    def test_none_leads_inside(self, site, server, checker, inside, monkeypatch):
        reached = []
        connect = socket.create_connection
        monkeypatch.setattr(
            socket, "create_connection", lambda place, *args: reached.append(place) or connect(place, *args)
        )
        answer = checker.check(f"{site}/to/301?{inside}")
        assert answer.outcome in (Outcome.REFUSED, Outcome.FAILED)
        # A number that this computer's resolver does not know for one has no address at all.
        assert answer.outcome == Outcome.REFUSED or "No computer has the name" in answer.words
        assert {place[0] for place in reached} == {HERE}


class TestInside:
    @pytest.mark.parametrize(
        "number",
        [
            "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
            "100.127.255.255", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
            "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1",
            "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::1",
            "2002:c0a8:101::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "168.63.129.16", "::ffff:168.63.129.16",
        ],
    )  # fmt: skip
    def test_numbers_inside_a_network_are_known(self, number):
        assert not is_out_in_the_open(number)

    @pytest.mark.parametrize(
        "number", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
    )
    def test_numbers_of_the_internet_are_known(self, number):
        assert is_out_in_the_open(number)

    def test_a_name_that_leads_inside_is_refused_though_one_of_its_numbers_is_outside(self, monkeypatch):
        monkeypatch.setattr(socket, "create_connection", pytest.fail)
        for numbers in [["10.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::1"]]:
            answer = Checker("test", look_up=resolving(*numbers)).check("https://inside.example/")
            assert (answer.outcome, "inside a network" in answer.words) == (Outcome.REFUSED, True)

    def test_the_systems_resolver_is_asked_once_and_its_answer_used(self, server, checker, monkeypatch):
        """A name that leads elsewhere when it is asked again finds us gone by then."""
        answers = [[(2, 1, 6, "", (HERE, 80))], [(2, 1, 6, "", ("127.0.0.1", 80))]]
        real = socket.getaddrinfo

        def rebinding(host, *args, **kwargs):
            return answers.pop(0) if host == "rebinding.example" else real(host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        answer = checker.check(f"http://rebinding.example:{server.server_port}/status/200")
        assert answer.outcome == Outcome.ALIVE
        assert len(answers) == 1

    def test_loopback_is_refused_unless_a_test_allows_it(self, site, server):
        assert Checker("test", [server.server_port]).check(f"{site}/status/200").outcome == Outcome.REFUSED
        assert server.RequestHandlerClass.asked == []

    @pytest.mark.parametrize(
        "address",
        [
            "", "nothing", "http://", "http:///path", "mailto:a@example.org", "http://exa mple.org/", "http://[::1/",
            "http://example.org:port/", "http://example.org:99999/", f"http://{'a' * 64}.example/", "http://a..example/",
            "http://user@example.org/", "https://example.org:8443/", "http://example.org/" + "x" * 2000,
        ],
    )  # fmt: skip
    def test_what_is_no_address_to_look_at_is_told_in_words(self, address, monkeypatch):
        monkeypatch.setattr(socket, "create_connection", pytest.fail)
        answer = Checker("test", look_up=resolving()).check(address)
        assert answer.words.endswith(".")
        assert answer.outcome == (Outcome.FAILED if " " in address else Outcome.REFUSED)

    @given(
        st.one_of(
            st.text(max_size=60),
            st.text(max_size=60).map("http://example.org/".__add__),
            st.text().map("http://".__add__),
        )
    )
    def test_no_text_whatever_is_too_much_for_it(self, address):
        answer = Checker("test", look_up=resolving()).check(address)
        assert answer.outcome in (Outcome.FAILED, Outcome.REFUSED)

    @given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
    def test_no_redirect_whatever_is_too_much_for_it(self, location):
        with contextlib.suppress(fetching.Refused):
            there = fetching.next_address("http://example.org/a/b", location)
            assert there.isprintable()


class TestCertificates:
    @pytest.fixture
    def secure(self):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(CERTIFICATE)
        with serving(tls) as server:
            yield server

    def check(self, server, name, **values):
        checker = make_checker(server, look_up=resolving(HERE), **values)
        return checker.check(f"https://{name}:{server.server_port}/status/200")

    def test_one_of_its_own_making_is_not_trusted(self, secure):
        answer = self.check(secure, "alive.test")
        assert (answer.outcome, "certificate" in answer.words) == (Outcome.UNCLEAR, True)

    def test_the_name_is_checked_though_the_connection_goes_to_a_number(self, secure):
        trusting = ssl.create_default_context(cafile=CERTIFICATE)
        assert self.check(secure, "alive.test", tls=trusting).outcome == Outcome.ALIVE
        assert self.check(secure, "other.test", tls=trusting).outcome == Outcome.UNCLEAR

    def test_a_server_that_does_not_speak_tls_is_told(self, server):
        checker = make_checker(server)
        assert checker.check(f"https://{HERE}:{server.server_port}/").outcome in (Outcome.UNCLEAR, Outcome.FAILED)
