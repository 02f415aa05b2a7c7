"""What is kept of public answers is never wrong, and nothing of a person is kept."""

import gzip
import re
import threading
import time
from urllib.parse import urlsplit

import brotli
import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.middleware.common import CommonMiddleware
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from taggit.models import Tag

from findings.models import Citation, Finding, KeyMessage, PracticeImplication, Term, Theme
from joinedup.caching import content_version, middleware
from joinedup.caching.build import build_id
from joinedup.caching.middleware import PageCache, encoding_for, key_of
from joinedup.caching.store import OVERHEAD, Answer, Store
from sources.models import Contributor, Source
from tests.factories import cite, make_finding, make_source, withdrawn
from tests.signposts import load_signposts

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8,application/signed-exchange;v=b3"
RIS = "application/x-research-info-systems"


def text(client, address, **headers):
    return client.get(address, headers=headers).content.decode()


def headers(response):
    """Without the number that each request has."""
    return {name: value for name, value in response.headers.items() if name != "X-Request-ID"}


@pytest.mark.django_db
@pytest.mark.usefixtures("page_cache")
class TestAnswers:
    @pytest.fixture(autouse=True)
    def finding(self, settings):
        settings.ALLOWED_HOSTS = ["testserver", "other.example"]
        settings.CONTENT_VERSION_SECONDS = 1000
        finding = make_finding()
        cite(finding, make_source())
        content_version.forget()
        return finding

    def addresses(self, finding):
        page, code = finding.get_absolute_url(), finding.code
        pages = ["/", "/findings/", page, f"{page}versions/", f"{page}embed/", "/search/?q=way&kind=finding"]
        files = [f"/{code}.ris", f"/{code}/qr.svg", f"/reading-list.docx?items={code}", f"/oembed?url={page}"]
        feeds = ["/feeds/findings.atom", "/sitemap.xml", "/robots.txt", "/manifest.webmanifest", "/opensearch.xml"]
        api = [
            "/api/v1/",
            f"/api/v1/findings/{code}",
            "/api/v1/suggest?q=so",
            "/oai?verb=ListRecords&metadataPrefix=mods",
        ]
        return [*pages, *files[:3], *feeds, *api]

    def test_what_has_not_changed_is_neither_built_nor_sent_twice(self, client, finding, django_assert_num_queries):
        for address in self.addresses(finding):
            first = client.get(address)
            assert first.status_code == 200, address
            assert not first.cookies, address
            tag = first["ETag"]
            with django_assert_num_queries(0):
                again = client.get(address)
                assert (again.content, headers(again)) == (first.content, headers(first)), address
                for known in [tag, f'"other", {tag}', tag.removeprefix("W/"), "*"]:
                    told = client.get(address, headers={"If-None-Match": known})
                    assert (told.status_code, told.content, told["ETag"]) == (304, b"", tag), address
                    for name in ["Cache-Control", "Vary", "Access-Control-Allow-Origin"]:
                        if name != "Access-Control-Allow-Origin" or "/api/" in address:
                            assert told[name] == first[name], (address, name)
            assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
            head = client.head(address)
            assert (head.content, headers(head)) == (b"", headers(first))

    def test_moved_and_withdrawn_addresses_are_kept_and_unknown_ones_are_not(
        self, client, finding, django_assert_num_queries
    ):
        gone = make_finding(**withdrawn())
        content_version.forget()
        for address, status in [(f"/{finding.code}", 302), (gone.get_absolute_url(), 410), ("/about", 301)]:
            first = client.get(address)
            assert (first.status_code, "ETag" in first) == (status, False)
            with django_assert_num_queries(0):
                assert client.get(address).content == first.content
        for _ in range(2):
            with CaptureQueriesContext(connection) as asked:
                assert client.get("/findings/never/").status_code == 404
            assert len(asked) > 0

    def test_nothing_that_a_view_reads_is_mixed_up(self, client, finding):
        page = finding.get_absolute_url()
        for address in [
            "/findings/",
            "/findings/?stance=barrier",
            "/findings/?stance=facilitator",
            "/findings/?page=9",
        ]:
            assert text(client, address) == text(Client(), address), address
        assert f"testserver/{finding.code}" in text(client, page)
        assert f"other.example/{finding.code}" in client.get(page, headers={"Host": "other.example"}).content.decode()
        assert "https://testserver" in client.get(page, secure=True)["Link"]
        assert client.get(page, headers={"Host": "evil.example"}).status_code == 400
        for accepted, media_type in [(CHROME, "text/html"), (RIS, RIS), ("*/*", "text/html"), (f"{RIS}, */*", RIS)]:
            for _ in range(2):
                answer = client.get(page, headers={"Accept": accepted})
                assert answer["Content-Type"].partition(";")[0] == media_type, accepted
        gone = make_finding(**withdrawn()).get_absolute_url()
        for accepted, media_type in [("", "text/plain"), ("text/html", "text/html"), (RIS, "text/plain")]:
            assert client.get(gone, headers={"Accept": accepted})["Content-Type"].partition(";")[0] == media_type

    def test_each_client_gets_an_encoding_that_it_takes(self, client):
        plain = client.get("/help/")
        assert "Content-Encoding" not in plain
        for _ in range(2):
            for accepted, name, decode in [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)]:
                answer = client.get("/help/", headers={"Accept-Encoding": accepted})
                assert answer["Content-Encoding"] == name
                assert decode(answer.content) == plain.content
                assert int(answer["Content-Length"]) == len(answer.content) < len(plain.content) / 2
                assert answer["ETag"] == plain["ETag"]

    def test_who_is_logged_in_sees_the_present_and_leaves_nothing_behind(self, client, admin_client, finding):
        draft = make_finding(heading="Not yet out", status="draft", published_on=None)
        content_version.forget()
        assert client.get(draft.get_absolute_url()).status_code == 404
        text(client, finding.get_absolute_url())
        Finding.objects.update(heading="Only just")
        for entry in [draft, finding]:
            answer = admin_client.get(entry.get_absolute_url(), headers={"Accept-Encoding": "br"})
            assert "Only just" in answer.content.decode(), "neither kept nor compressed"
            assert answer["Cache-Control"] == "private, no-store"
            assert "ETag" not in answer
        assert client.get(draft.get_absolute_url()).status_code == 404

    def test_a_page_that_was_overtaken_while_it_was_built_is_not_kept(self, client, finding):
        page, done = finding.get_absolute_url(), []

        def meanwhile(execute, sql, *rest):
            if "findings_citation" in sql and not done:
                done.append(Finding.objects.update(heading="Overtaken"))
            return execute(sql, *rest)

        with connection.execute_wrapper(meanwhile):
            torn = client.get(page)
        assert done and "ETag" not in torn
        assert "Overtaken" not in torn.content.decode(), "it was to be torn"
        assert "Overtaken" in text(client, page)

    def test_without_the_database_what_is_kept_is_answered(self, client, finding, settings):
        page = finding.get_absolute_url()
        known = client.get(page)
        settings.CONTENT_VERSION_SECONDS = 0

        def away(*args):
            raise OperationalError("The server went away.")

        with connection.execute_wrapper(away):
            assert client.get(page).content == known.content
            assert client.get(page, headers={"If-None-Match": known["ETag"]}).status_code == 304
            with pytest.raises(OperationalError):
                client.get("/findings/")

    def test_machines_share_what_they_build(self, finding, settings, tmp_path, django_assert_num_queries):
        cache = "django.core.cache.backends.filebased.FileBasedCache"
        settings.CACHES = {"default": {"BACKEND": cache, "LOCATION": tmp_path}}
        first = Client().get("/findings/")
        with django_assert_num_queries(0):
            second = Client().get("/findings/")  # each client has a store of its own
        assert (second.content, second["ETag"]) == (first.content, first["ETag"])

    def test_liveness_asks_no_database(self, client, django_assert_num_queries):
        content_version.forget()
        with django_assert_num_queries(0):
            assert client.get("/healthz").status_code == 200


class TestWhatIsKept:
    """The middleware alone, around a view of the test's own."""

    @pytest.fixture
    def asked(self, monkeypatch):
        """Ask for an address answered by a function; returns the answer and how often it was built."""
        monkeypatch.setattr(content_version, "current", lambda: "one")
        monkeypatch.setattr(content_version, "latest", lambda: "one")

        def ask(view, times=2, **more):
            built = []

            def counted(request):
                built.append(request)
                return view(request)

            middle = PageCache(counted)
            for _ in range(times):
                response = middle(RequestFactory().get("/x", **more))
            return response, len(built)

        return ask

    def test_a_plain_answer_is(self, asked):
        response, built = asked(lambda request: HttpResponse("said"))
        assert (response.content, built) == (b"said", 1)
        assert response["Cache-Control"] == (
            "public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=3600"
        )
        assert asked(lambda request: HttpResponseRedirect("/"))[1] == 1

    def test_what_is_asked_for_by_head_is_kept_for_get(self, monkeypatch):
        monkeypatch.setattr(content_version, "current", lambda: "one")
        monkeypatch.setattr(content_version, "latest", lambda: "one")
        middle = PageCache(CommonMiddleware(lambda request: HttpResponse(request.method)))
        asked = [getattr(RequestFactory(), method)("/x") for method in ["head", "get", "head"]]
        answers = [middle(request) for request in asked]
        assert [answer.content for answer in answers] == [b"", b"HEAD", b""]
        assert {answer["Content-Length"] for answer in answers} == {"4"}

    @pytest.mark.parametrize("said", ["no-store", "private", "max-age=0, no-cache, no-store, must-revalidate, private"])
    def test_what_says_that_it_is_private_is_not(self, asked, said):
        response, built = asked(lambda request: HttpResponse("x" * 1000, headers={"Cache-Control": said}))
        assert (built, response["Cache-Control"], "ETag" in response) == (2, said, False)

    def test_what_sets_a_cookie_is_not(self, asked):
        def view(request):
            response = HttpResponse("x" * 1000)
            response.set_cookie("a", "b")
            return response

        response, built = asked(view, headers={"Accept-Encoding": "br"})
        assert (built, "ETag" in response, "Content-Encoding" in response) == (2, False, False)

    @pytest.mark.parametrize("status", [206, 303, 307, 400, 403, 404, 406, 429, 500, 501, 503])
    def test_other_statuses_are_not(self, asked, status):
        response, built = asked(lambda request: HttpResponse("x", status=status))
        assert (built, "ETag" in response) == (2, False)
        assert ("Cache-Control" in response) is (status == 404)

    def test_streams_and_large_answers_are_not(self, asked):
        assert asked(lambda request: StreamingHttpResponse([b"x"]))[1] == 2
        response, built = asked(lambda request: HttpResponse(b"x" * (middleware.MAX_KEPT + 1)))
        assert (built, "ETag" in response) == (2, True)

    def test_only_text_is_compressed_and_only_once(self, asked):
        for media_type, encoding in [("image/svg+xml", "br"), ("application/ld+json", "br"), ("image/png", None)]:
            response, _ = asked(
                lambda request, kind=media_type: HttpResponse(b"x" * 1000, content_type=kind),
                headers={"Accept-Encoding": "br"},
            )
            assert response.get("Content-Encoding") == encoding
        office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        for headers in [{"Content-Type": office}, {"Content-Encoding": "gzip"}]:
            response, _ = asked(
                lambda request, headers=headers: HttpResponse(b"x" * 1000, headers=headers),
                headers={"Accept-Encoding": "br"},
            )
            assert response.content == b"x" * 1000

    def test_a_session_and_an_unknown_version_are_asked_anew(self, asked, monkeypatch, settings):
        cookie = f"a=b; {settings.SESSION_COOKIE_NAME}=c"
        assert asked(lambda request: HttpResponse("x"), headers={"Cookie": cookie})[1] == 2
        assert asked(lambda request: HttpResponse("x"), headers={"Cookie": "csrftoken=c; seen=1"})[1] == 1
        monkeypatch.setattr(content_version, "current", lambda: "")
        response, built = asked(lambda request: HttpResponse("x"))
        assert (built, "ETag" in response) == (2, False)

    def test_of_many_who_ask_at_once_one_builds(self, monkeypatch):
        monkeypatch.setattr(content_version, "current", lambda: "one")
        monkeypatch.setattr(content_version, "latest", lambda: "one")
        built, answers = [], []

        def slow(request):
            built.append(request)
            time.sleep(0.2)
            return HttpResponse("said")

        middle = PageCache(slow)
        many = [
            threading.Thread(target=lambda: answers.append(middle(RequestFactory().get("/x")).content))
            for _ in range(8)
        ]
        for one in many:
            one.start()
        for one in many:
            one.join()
        assert (answers, len(built)) == ([b"said"] * 8, 1)


def answer_of(size):
    """An Answer that takes this many bytes where it is kept."""
    bare = Answer(200, {}, b"")
    return bare._replace(body=b"x" * (size - len(bare.packed()) - OVERHEAD))


class TestStore:
    def test_it_is_bounded_by_bytes_and_lets_go_of_what_was_asked_for_longest_ago(self):
        store = Store(3000)
        for key in "abc":
            store.set(key, answer_of(1000))
        store.get("a")
        store.set("d", answer_of(1000))
        assert [key for key in "abcd" if store.get(key)] == ["a", "c", "d"]
        for n in range(1000):
            store.set(f"e{n % 7}", answer_of(600 + n % 500))
            assert store.bytes == sum(len(data) + OVERHEAD for data in store._entries.values()) <= store.max_bytes
        store.set("large", answer_of(3001))
        assert (store.bytes, store.get("large")) == (0, None)

    def test_the_headers_of_an_answer_count(self):
        store = Store(1_000_000)
        for n in range(2000):
            store.set(f"a{n}", Answer(302, {"Location": f"/{'x' * 1000}{n}"}, b""))
        assert len(store._entries) < 800

    def test_an_answer_comes_back_as_it_was(self):
        store, answer = Store(10_000), Answer(200, {"ETag": '"é"'}, b"\n\x00body\n")
        store.set("a", answer)
        assert store.get("a") == answer
        assert store.get("b") is None

    @pytest.fixture
    def shared(self, settings, tmp_path):
        cache = "django.core.cache.backends.filebased.FileBasedCache"
        settings.CACHES = {"default": {"BACKEND": cache, "LOCATION": tmp_path}}
        return caches["default"]

    def test_what_another_machine_kept_is_found(self, shared):
        Store(10_000).set("a", answer_of(1000))
        assert Store(10_000).get("a") == answer_of(1000)
        assert Store(10_000).get("b") is None

    @pytest.mark.parametrize(
        "odd",
        [
            b"",
            b"\x80\x05 no answer",
            b"x" * 31,
            b"x" * 5000,
            Answer(200, {"Set-Cookie": "sessionid=mine"}, b"<script src=//evil.example></script>").packed(),
            bytes(32) + Answer(200, {}, b"unsigned").packed(),
            "text",
            7,
            [200, {}, "list"],
            {"status": 200},
        ],
        ids=repr,
    )
    def test_what_nobody_of_ours_wrote_into_the_shared_cache_is_no_answer(self, shared, odd):
        shared.set("a", odd)
        assert Store(10_000).get("a") is None

    def test_an_answer_that_was_changed_or_moved_in_the_shared_cache_is_no_answer(self, shared, settings):
        Store(10_000).set("a", Answer(200, {}, b"withdrawn later"))
        signed = shared.get("a")
        shared.set("b", signed)  # under the key of another address, or of another version
        assert Store(10_000).get("b") is None
        shared.set("a", signed.replace(b"withdrawn", b"published"))
        assert Store(10_000).get("a") is None
        shared.set("a", signed)
        assert Store(10_000).get("a").body == b"withdrawn later"
        settings.SECRET_KEY = "that of somebody else"
        assert Store(10_000).get("a") is None


WORDS = st.text(st.characters(codec="latin-1"), max_size=6)


@given(*[st.tuples(st.sampled_from(["http", "https"]), WORDS, WORDS, WORDS, WORDS)] * 2)
def test_two_addresses_that_differ_in_anything_have_two_keys(one, other):
    def key(parts):
        scheme, path, query, accepted, version = parts
        request = RequestFactory().get("/", secure=scheme == "https")
        request.META |= {"PATH_INFO": path, "QUERY_STRING": query}
        request.META["HTTP_ACCEPT"] = f"x/{accepted}"
        return key_of(request, b"build", version)

    assert (key(one) == key(other)) is (one == other)


@pytest.mark.parametrize(
    ("accepted", "best"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP;q=1.0, br;q=0", "gzip"),
        ("br;q=0.0, gzip; q=0", ""),
        ("identity", ""),
        ("", ""),
        ("br;q=0.001", "br"),
        (",;=,", ""),
    ],
)
def test_the_best_encoding_is_one_that_is_taken(accepted, best):
    assert encoding_for(accepted) == best


@pytest.mark.django_db
@pytest.mark.usefixtures("page_cache")
def test_after_a_little_of_everything_changed_each_kept_page_is_as_if_nothing_had_been_kept(client, settings):
    load_signposts()
    settings.CONTENT_VERSION_SECONDS = 0
    pages = [urlsplit(found).path for found in re.findall("<loc>(.*?)</loc>", text(client, "/sitemap.xml"))]
    lists = ["/search/?q=team", "/map/?by=stance", "/feeds/findings.atom", "/sources/?format=ris", "/F3.json"]
    lists += [f"/api/v1/{name}" for name in ["findings", "themes", "sources", "tags", "search?q=trust"]]
    addresses = [
        *pages,
        *lists,
        "/reading-list/?items=F3,S1",
        "/oembed?url=/findings/",
        "/unapi?id=F3",
        "/opensearch.xml",
    ]
    for address in addresses:
        client.get(address)
    Finding.objects.filter(number=3).update(heading="Worded otherwise")
    Source.objects.filter(number=1).update(title="Called otherwise")
    Contributor.objects.filter(source__number=2).update(family="Otherwise")
    Theme.objects.filter(number=2).update(name="Named otherwise")
    KeyMessage.objects.filter(number=1).update(heading="Said otherwise")
    PracticeImplication.objects.filter(number=1).update(summary="Put otherwise")
    Term.objects.filter(slug=Term.objects.published().first().slug).update(definition="Defined otherwise")
    Tag.objects.filter(pk=Tag.objects.first().pk).update(name="otherwise")
    Citation.objects.filter(finding__number=5).delete()
    Finding.objects.filter(number=9).update(status="withdrawn", withdrawn_on="2026-01-01", withdrawal_reason="Wrong.")
    fresh = Client()
    for address in addresses:
        answer, expected = client.get(address), fresh.get(address)
        assert (answer.status_code, answer.content) == (expected.status_code, expected.content), address


def test_the_build_id_depends_on_settings_and_the_secret_key_and_not_on_where_things_are_kept(settings):
    settings.STATE_DIR, settings.SEARCH_INDEX_DIR = settings.BASE_DIR / "here", "/here"
    before = build_id()
    settings.STATE_DIR, settings.SEARCH_INDEX_DIR = settings.BASE_DIR / "there", "/there"
    assert build_id() == before
    settings.SITE_NAME = "Another name"
    renamed = build_id()
    settings.SECRET_KEY = "another"
    assert len({before, renamed, build_id()}) == 3
