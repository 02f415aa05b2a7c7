"""The API as programs meet it. Every answer that is asked for here is held against the document."""

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curation import history, workflow
from curation.changelog import gathered
from curation.log import LogEntry
from findings import merging as tag_merging
from findings.models import Finding
from joinedup import __version__
from joinedup.api.resources import RESOURCES
from sources import merging
from tests.api.checking import faults
from tests.factories import (
    LONG_AGO,
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_theme,
    withdrawn,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("page_cache")]

HERE = "http://testserver"
WITH_CODES = [name for name, resource in RESOURCES.items() if resource.has_codes]


@pytest.fixture(scope="module")
def document():
    return Client().get("/api/v1/openapi.json").json()


@pytest.fixture
def ask(client, document):
    """Ask an address below /api/v1/, hold the answer against the document, return status and body."""

    def asked(address, **headers):
        response = client.get(f"/api/v1/{address}", headers=headers)
        path = f"/api/v1/{address.partition('?')[0]}"
        if path not in document["paths"]:
            [path] = [known for known in document["paths"] if re.fullmatch(re.sub(r"{.*}", "[^/]+", known), path)]
        promised = document["paths"][path]["get"]["responses"][str(response.status_code)]
        if "$ref" in promised:
            promised = document["components"]["responses"][promised["$ref"].rpartition("/")[2]]
        for name in promised.get("headers", {}):
            assert name in response.headers, (address, name)
        if "content" not in promised:
            assert response.content == b""
            return response.status_code, response.headers
        [(media_type, content)] = promised["content"].items()
        assert response["Content-Type"] == media_type
        assert list(faults(response.json(), content["schema"], document)) == [], address
        return response.status_code, response.json()

    return asked


@pytest.fixture
def editor():
    return User.objects.create_superuser("editor")


@pytest.fixture
def trail():
    """One public entry of each kind, tied to each other, with every field that can be empty filled."""
    review = make_review(rights="Theirs.", method="They read.")
    theme = make_theme(slug="trust")
    finding = make_finding(body="Said.[1]", last_checked_on=LONG_AGO, review_due_on=datetime.date(2030, 1, 1))
    source = make_source(
        doi="10.1000/1", url="https://example.org/1", accessed_on=LONG_AGO, retracted_on=LONG_AGO, title="A “work”"
    )
    source.newer_edition = make_source(title="Newer")
    source.save()
    cite(finding, source, number=4, locator="12", locator_label="page", note="For the point.")
    review.review_sources.create(source=source, role="background", number=2)
    implication = make_implication([finding])
    message = make_key_message([finding])
    message.implications.add(implication)
    for entry in [finding, implication, source]:
        entry.tags.add("Joint training")
    return {
        "reviews": review,
        "themes": theme,
        "findings": finding,
        "implications": implication,
        "key-messages": message,
        "sources": source,
    }


def codes(answer):
    return [row["code"] for row in answer["results"]]


class TestDocument:
    def test_it_is_closed_and_every_parameter_has_bounds(self, document):
        def objects(schema):
            if isinstance(schema, dict):
                if schema.get("type") == "object" and "properties" in schema:
                    yield schema
                for part in schema.values():
                    yield from objects(part)
            elif isinstance(schema, list):
                for part in schema:
                    yield from objects(part)

        found = list(objects(document))
        assert len(found) > 20
        assert all(schema["additionalProperties"] is False for schema in found)
        for path, item in document["paths"].items():
            for parameter in item["get"].get("parameters", []):
                schema = parameter["schema"].get("items", parameter["schema"])
                assert {"maximum", "enum", "pattern", "maxLength"} & schema.keys(), (path, parameter["name"])

    def test_every_reference_leads_somewhere(self, document, client):
        for ref in set(re.findall(r'"\$ref": ?"([^"]+)"', client.get("/api/v1/openapi.json").content.decode())):
            part = document
            for name in ref.removeprefix("#/").split("/"):
                part = part[name]

    def test_it_and_the_index_name_the_version_of_the_software(self, document, ask):
        assert document["info"]["version"] == __version__
        assert ask("")[1]["version"] == __version__

    def test_names_of_operations_are_unique(self, document):
        names = [item["get"]["operationId"] for item in document["paths"].values()]
        assert len(names) == len(set(names))

    def test_the_index_leads_to_everything(self, ask, client, trail):
        _, index = ask("")
        addresses = [index[name] for name in ["documentation", "openapi", "search", "suggest"]]
        for address in [*addresses, *(collection["url"] for collection in index["collections"])]:
            assert client.get(address.removeprefix(HERE)).status_code == 200, address

    def test_the_page_for_people_tells_of_every_address_and_field(self, client, document):
        page = client.get("/api/v1/docs").content.decode()
        assert all(path in page for path in document["paths"])
        assert all(
            f'id="{name}"' in page for name in document["components"]["schemas"] if name not in ("Problem", "Gone")
        )


WRONG = [("code", "x1"), ("status", "draft"), ("published_on", "2024-02-30"), ("title", None), ("version", True)]
WRONG += [("more", 1), ("updated_at", "2024-01-01"), ("url", "/findings/x/"), ("tags", [{}]), ("theme", {"code": "T1"})]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_the_check_of_answers_sees_what_is_wrong(ask, document, name, value):
    finding = make_finding()
    _, whole = ask(f"findings/{finding.code}")
    schema = document["components"]["schemas"]["Finding"]
    assert list(faults(whole, schema, document)) == []
    assert list(faults({**whole, name: value}, schema, document)) != []
    assert list(faults({key: whole[key] for key in whole if key != "version"}, schema, document)) != []


class TestCollections:
    @pytest.mark.parametrize("name", WITH_CODES)
    def test_an_entry_is_there_in_the_list_and_whole_and_its_page_says_so(self, ask, client, trail, name):
        entry = trail[name]
        status, rows = ask(name)
        assert (status, rows["next"]) == (200, None)
        [row] = [row for row in rows["results"] if row["code"] == entry.code]
        status, whole = ask(f"{name}/{entry.code}")
        assert status == 200
        assert row.items() <= whole.items()
        assert whole["title"] == str(entry)
        assert whole["url"] == HERE + entry.get_absolute_url()
        assert whole["api_url"] == f"{HERE}/api/v1/{name}/{entry.code}"
        if name != "key-messages":
            link = f'<link rel="alternate" type="application/json" href="/api/v1/{name}/{entry.code}">'
            assert link in client.get(entry.get_absolute_url()).content.decode()

    def test_a_finding_tells_what_its_page_tells(self, ask, trail):
        _, finding = ask(f"findings/{trail['findings'].code}")
        source = trail["sources"]
        [citation] = finding["citations"]
        assert citation["source"]["code"] == source.code
        assert citation["label"] == 4
        assert (citation["locator"], citation["locator_label"]) == ("12", "page")
        assert citation["reference"] == source.reference_text
        assert citation["retraction_notice"].startswith("Retracted 2 January 2020.")
        assert finding["stance_label"] == "Gets in the way"
        assert [tag["slug"] for tag in finding["tags"]] == ["joint-training"]
        assert finding["rights"] == "Theirs."
        assert finding["review_due_on"] == "2030-01-01"
        for name in ["implications", "key_messages"]:
            assert codes(finding[name]) == [trail[name.replace("_", "-")].code]

    def test_a_source_tells_what_rests_on_it(self, ask, trail):
        _, source = ask(f"sources/{trail['sources'].code}")
        [cited] = source["cited_in"]["results"]
        assert (cited["finding"]["code"], cited["note"]) == (trail["findings"].code, "For the point.")
        assert source["reviews"][0]["review"]["code"] == trail["reviews"].code
        assert source["newer_edition"]["title"] == "Newer"
        _, found = ask(source["cited_in"]["url"].removeprefix(f"{HERE}/api/v1/"))
        assert codes(found) == [trail["findings"].code]

    def test_a_tag_tells_what_has_it(self, ask, client, trail):
        _, rows = ask("tags")
        assert [(row["slug"], row["finding_count"], row["source_count"]) for row in rows["results"]] == [
            ("joint-training", 1, 1)
        ]
        _, tag = ask("tags/joint-training")
        for name in ["findings", "implications", "sources"]:
            assert codes(tag[name]) == [trail[name].code]
            _, found = ask(tag[name]["url"].removeprefix(f"{HERE}/api/v1/"))
            assert codes(found) == [trail[name].code]
        assert 'href="/api/v1/tags/joint-training"' in client.get("/tags/joint-training/").content.decode()

    def test_a_tag_that_nothing_public_has_is_not_there(self, ask):
        make_finding(status="draft", published_on=None).tags.add("hidden")
        assert ask("tags")[1]["count"] == 0
        assert ask("tags/hidden")[0] == 404

    def test_versions_are_told(self, ask, editor):
        finding = make_finding()
        before = history.state_of(finding)
        finding.heading = "Otherwise"
        finding.save()
        workflow.record_change(finding, editor, before=before, changes_meaning=True, note="It said too much.")
        _, whole = ask(f"findings/{finding.code}")
        assert whole["version"] == 2
        assert [(version["version"], version["note"]) for version in whole["versions"]] == [
            (2, "It said too much."),
            (1, ""),
        ]
        assert whole["versions"][1]["until"] == timezone.localdate().isoformat()

    @pytest.mark.parametrize("code", ["F999", "F0", "S1", "F01", "x", "F1%00", "F" + "9" * 30, "%F0%9F%92%A9", "F1%0A"])
    def test_what_is_not_there_is_a_problem(self, ask, code):
        make_finding()
        status, problem = ask(f"findings/{code}")
        assert (status, problem["status"]) == (404, 404)

    @pytest.mark.parametrize("slug", ["nothing", "%00", "%FF", "a b", "x" * 5000])
    def test_no_tag_is_a_problem(self, ask, slug):
        assert ask(f"tags/{slug}")[0] == 404

    def test_no_address_is_a_problem_too(self, client):
        for address in ["nothing", "findings/", "findings/F1/more", "reviews%00"]:
            response = client.get(f"/api/v1/{address}")
            assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")

    @pytest.mark.parametrize("state", ["draft", "in-review"])
    def test_drafts_are_not_there_for_staff_either(self, admin_client, state):
        finding = make_finding(status=state, published_on=None)
        assert admin_client.get(f"/api/v1/findings/{finding.code}").status_code == 404
        for query in ["", "?updated_since=2000-01-01"]:
            assert admin_client.get(f"/api/v1/findings{query}").json()["count"] == 0

    def test_what_hangs_from_a_withdrawn_entry_names_it_and_says_so(self, ask):
        review = make_review(**withdrawn())
        finding = make_finding(review=review)
        message = make_key_message(review=review)
        assert ask(f"findings/{finding.code}")[1]["review"]["status"] == "withdrawn"
        assert ask("key-messages")[1]["count"] == 0
        assert ask(f"key-messages/{message.code}")[0] == 404

    def test_codes_are_known_in_either_case(self, ask):
        finding = make_finding()
        status, headers = ask(f"findings/{finding.code.lower()}")
        assert (status, headers["Location"]) == (301, f"{HERE}/api/v1/findings/{finding.code}")


class TestWithdrawn:
    @pytest.mark.parametrize("name", WITH_CODES)
    def test_it_answers_410_and_leaves_the_list(self, ask, trail, name):
        entry = trail[name]
        other = type(entry).objects.create(
            **{field: getattr(entry, field) for field in ["review", "theme"] if hasattr(entry, field)},
            **({"stance": "mixed"} if name == "findings" else {}),
            **({"element": "joint-enterprise"} if name == "implications" else {}),
            **{"name" if name == "themes" else "title" if name in ("reviews", "sources") else "heading": "Instead"},
            **({"summary": "It.", "body": "It."} if name == "implications" else {}),
            **({"bottom_line": "It.", "body": "It."} if name == "findings" else {}),
            status="published",
            published_on=LONG_AGO,
            slug="instead",
        )
        for field, value in withdrawn(replaced_by=other).items():
            setattr(entry, field, value)
        entry.save()
        status, problem = ask(f"{name}/{entry.code}")
        tombstone = problem["tombstone"]
        assert status == 410
        assert tombstone["withdrawal_reason"] == "It claimed too much."
        assert tombstone["replaced_by"]["code"] == other.code
        assert tombstone["said"] == entry.last_words
        assert entry.code in tombstone["cite_as"]
        assert entry.code not in codes(ask(name)[1])
        [row] = [row for row in ask(f"{name}?updated_since=2021-03-04")[1]["results"] if row["code"] == entry.code]
        assert row == tombstone

    def test_a_merged_source_leads_to_the_one_that_was_kept(self, ask, editor):
        kept, other = make_source(), make_source()
        merging.merge(kept, [other], editor)
        status, headers = ask(f"sources/{other.code}")
        assert (status, headers["Location"]) == (301, f"{HERE}/api/v1/sources/{kept.code}")
        rows = {row["code"]: row for row in ask("sources?updated_since=2026-01-01")[1]["results"]}
        assert rows[other.code]["merged_into"]["code"] == kept.code
        assert rows[kept.code]["status"] == "published"

    def test_a_merged_tag_leads_to_the_one_that_was_kept(self, ask, editor):
        finding = make_finding()
        finding.tags.add("kept", "other")
        kept, other = (finding.tags.get(slug=slug) for slug in ["kept", "other"])
        tag_merging.merge(kept, [other], editor)
        assert ask("tags/other")[1]["Location"] == f"{HERE}/api/v1/tags/kept"


@pytest.mark.databases
class TestUpdatedSince:
    @pytest.fixture
    def now(self):
        return timezone.now()

    def acted(self, entry, at):
        LogEntry.objects.create(entry=entry, name=LogEntry.Name.CORRECT, at=at)

    def test_acts_count_to_the_second(self, ask, now):
        finding = make_finding()
        self.acted(finding, now)
        stamp = ask(f"findings/{finding.code}")[1]["updated_at"]
        assert stamp == now.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert codes(ask(f"findings?updated_since={stamp}")[1]) == [finding.code]
        later = (now + datetime.timedelta(seconds=1)).astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert codes(ask(f"findings?updated_since={later}")[1]) == []

    @pytest.mark.parametrize("name", ["published_on", "wording_changed_on", "last_checked_on"])
    def test_a_date_counts_for_its_whole_day(self, ask, name):
        finding = make_finding(**{name: datetime.date(2024, 7, 5)})
        make_finding()
        for since in ["2024-07-05", "2024-07-05T12:00:00Z", "2024-07-06T00:30:00%2B02:00", "2024-07-06T00:30:00+02:00"]:
            assert codes(ask(f"findings?updated_since={since}")[1]) == [finding.code], since
        assert codes(ask("findings?updated_since=2024-07-06")[1]) == []
        # In London, summer begins the day an hour before UTC does.
        assert ask(f"findings/{finding.code}")[1]["updated_at"] == "2024-07-04T23:00:00Z"

    def test_an_act_on_another_kind_with_the_same_id_is_no_change(self, ask, now):
        finding, theme = make_finding(pk=77), make_theme(pk=77)
        self.acted(theme, now)
        assert codes(ask("themes?updated_since=2025-01-01")[1]) == [theme.code]
        assert codes(ask("findings?updated_since=2025-01-01")[1]) == []
        assert ask(f"findings/{finding.code}")[1]["updated_at"] == "2020-01-02T00:00:00Z"

    def test_it_goes_with_filters(self, ask):
        make_finding(stance="mixed")
        finding = make_finding(stance="context", **withdrawn())
        assert codes(ask("findings?updated_since=2020-01-01&stance=context")[1]) == [finding.code]


@pytest.mark.databases
class TestReadingOn:
    def test_following_next_meets_every_row_once_whatever_happens_meanwhile(self, ask):
        with gathered():
            findings = [make_finding() for _ in range(7)]
        met, address = [], "findings?limit=2&stance=barrier"
        while address:
            _, answer = ask(address)
            met += codes(answer)
            if len(met) == 2:
                Finding.objects.filter(pk=findings[0].pk).update(
                    status="withdrawn", withdrawn_on=LONG_AGO, withdrawal_reason="Wrong."
                )
                findings.append(make_finding())
            address = answer["next"] and answer["next"].removeprefix(f"{HERE}/api/v1/")
        assert met == [finding.code for finding in findings]

    def test_tags_are_read_on_by_their_slugs(self, ask):
        make_finding().tags.add("one", "two", "three")
        met, address = [], "tags?limit=1"
        while address:
            _, answer = ask(address)
            met += [row["slug"] for row in answer["results"]]
            address = answer["next"] and answer["next"].removeprefix(f"{HERE}/api/v1/")
        assert met == ["one", "three", "two"]

    def test_offset_and_limit(self, ask):
        with gathered():
            every = [make_finding().code for _ in range(5)]
        _, answer = ask("findings?offset=1&limit=3")
        assert (codes(answer), answer["count"]) == (every[1:4], 5)
        assert codes(ask(answer["next"].removeprefix(f"{HERE}/api/v1/"))[1]) == every[4:]
        assert codes(ask("findings?offset=9")[1]) == []

    def test_long_lists_inside_an_entry_are_cut_and_counted(self, ask):
        theme = make_theme()
        with gathered():
            for _ in range(102):
                make_finding(theme=theme)
        _, whole = ask(f"themes/{theme.code}")
        assert whole["findings"]["count"] == 102
        assert len(whole["findings"]["results"]) == 100


@pytest.mark.databases
class TestFilters:
    def test_findings_are_narrowed_as_on_their_page(self, ask, client, trail):
        make_finding(theme=make_theme(slug="other"), review=make_review(slug="other"), stance="mixed")
        finding, source = trail["findings"], trail["sources"]
        for query in [
            "theme=trust",
            "stance=barrier",
            "element=joint-enterprise",
            "tag=joint-training",
            f"source={source.slug}",
            f"review={finding.review.slug}",
            "basis=named-source",
            "stance=barrier&stance=context&theme=trust&theme=other",
        ]:
            assert codes(ask(f"findings?{query}")[1]) == [finding.code], query
            shown = client.get(f"/findings/?{query}").context["page"].object_list
            assert [entry.code for entry in shown] == [finding.code], query

    @pytest.mark.parametrize("name", ["implications", "key-messages"])
    def test_others_are_narrowed_by_review(self, ask, trail, name):
        other = make_review(slug="another")
        (make_implication if name == "implications" else make_key_message)(review=other, slug="other")
        assert codes(ask(f"{name}?review={trail['reviews'].slug}")[1]) == [trail[name].code]


BAD = [
    ("limit", value)
    for value in ["0", "101", "-1", "", "abc", "²", "1e2", "1" + "0" * 21, "%00", "%ED%A0%80", "1_0", "+1", "1%0A"]
]
BAD += [("offset", value) for value in ["-1", "100001", "9" * 99, "x"]]
BAD += [("cursor", value) for value in ["", "x", "S1", "F0", "f1", "F" + "9" * 20, "%00", "F1%00"]]
NO_MOMENTS = ["", "yesterday", "2026-02-30", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T10:00:00", "0001-01-01"]
NO_MOMENTS += ["2026-01-01%00", "9999-12-31T23:59:59-23:59", "20260101", "2026-1-1", "٢٠٢٦-01-01"]
BAD += [("updated_since", value) for value in NO_MOMENTS]
BAD += [(name, "bogus") for name in ["stance", "theme", "tag", "element", "basis", "source", "review"]]
BAD += [(name, odd) for name in ["stance", "theme"] for odd in ["", "%00", "%FF", "x" * 3000]]
BAD += [(name, "1") for name in ["page", "format", "Limit", "q", "sort", "callback"]]


@pytest.mark.databases
class TestBadParameters:
    @pytest.mark.parametrize(("name", "value"), BAD)
    def test_it_is_named(self, ask, name, value):
        status, problem = ask(f"findings?{name}={value}")
        assert (status, problem["parameter"]) == (400, name)
        assert f"“{name}”" in problem["detail"]

    def test_repeated_ones_are_named(self, ask):
        for query in ["limit=1&limit=2", "offset=1&offset=1", "cursor=F1&cursor=F1", "updated_since=2020-01-01&" * 2]:
            status, problem = ask(f"findings?{query}")
            assert (status, problem["parameter"]) == (400, query.partition("=")[0])

    def test_too_many_values_are_refused(self, ask):
        assert ask("findings?" + "stance=barrier&" * 51)[0] == 400
        assert ask("findings?" + "stance=barrier&" * 2000)[0] == 400

    def test_cursor_and_offset_do_not_go_together(self, ask):
        assert ask("findings?cursor=F1&offset=1")[1]["parameter"] == "cursor"

    def test_a_default_that_is_spelled_out_says_nothing_else(self, ask):
        assert ask("findings?cursor=F1&offset=0&limit=20") == ask("findings?cursor=F1")

    def test_an_odd_name_is_told_of_safely(self, ask):
        assert ask("findings?%00=1")[1]["parameter"] == "�"

    @pytest.mark.parametrize("address", ["", "openapi.json", "tags/x", "findings/F1", "suggest", "search"])
    def test_nothing_takes_what_it_does_not_know(self, ask, address):
        assert ask(f"{address}?bogus=1")[1]["parameter"] == "bogus"

    @pytest.mark.parametrize("address", ["search", "suggest"])
    def test_too_long_a_question_is_refused(self, ask, address):
        assert ask(f"{address}?q={'x' * 1001}")[1]["parameter"] == "q"

    @pytest.mark.parametrize("slug", ["", "x" * 101, "é", "a%00"])
    def test_no_slug_is_no_place_among_tags(self, ask, slug):
        assert ask(f"tags?cursor={slug}")[1]["parameter"] == "cursor"

    def test_tags_have_no_dates(self, ask):
        assert ask("tags?updated_since=2020-01-01")[1]["parameter"] == "updated_since"


ADDRESSES = ["", "findings", "findings/{code}", "tags", "search?q=trust", "suggest?q=tr", "openapi.json"]


class TestHeaders:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_what_has_not_changed_is_not_sent_twice(self, client, ask, trail, address):
        address = address.format(code=trail["findings"].code)
        response = client.get(f"/api/v1/{address}")
        for known in [response["ETag"], f'"other", {response["ETag"]}', "*"]:
            again = client.get(f"/api/v1/{address}", headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == response["ETag"]
            assert again["Access-Control-Allow-Origin"] == "*"
        assert client.get(f"/api/v1/{address}", headers={"if-none-match": '"other"'}).status_code == 200

    def test_a_change_has_another_etag(self, client):
        finding = make_finding()
        before = client.get(f"/api/v1/findings/{finding.code}")["ETag"]
        finding.heading = "Otherwise"
        finding.save()
        assert client.get(f"/api/v1/findings/{finding.code}")["ETag"] != before

    @pytest.mark.parametrize("address", [*ADDRESSES, "nothing", "findings?limit=0"])
    def test_any_site_may_ask_and_nobody_may_write(self, trail, address):
        strict = Client(enforce_csrf_checks=True)
        address = "/api/v1/" + address.format(code=trail["findings"].code)
        assert strict.get(address)["Access-Control-Allow-Origin"] == "*"
        asked = strict.options(address)
        assert (asked.status_code, asked["Allow"]) == (204, "GET, HEAD, OPTIONS")
        assert asked["Access-Control-Allow-Headers"] == "If-None-Match"
        for method in ["post", "put", "patch", "delete"]:
            refused = getattr(strict, method)(address)
            assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")
            assert refused["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_head_answers_as_get_without_a_body(self, client, trail, address):
        address = "/api/v1/" + address.format(code=trail["findings"].code)
        got, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head["ETag"] == got["ETag"]

    def test_addresses_begin_as_the_site_was_told(self, client, settings):
        settings.SITE_URL = "https://evidence.example"
        make_finding()
        answer = client.get("/api/v1/findings").json()
        assert answer["results"][0]["url"].startswith("https://evidence.example/findings/")


def full(count):
    """That many of every kind, each tied to others."""
    with gathered():
        review, theme = make_review(), make_theme()
        for _ in range(count):
            make_review()
            make_theme()
            finding = make_finding(review=review, theme=theme)
            source = make_source()
            cite(finding, source)
            implication = make_implication([finding], review=review)
            make_key_message([finding], review=review)
            for entry in [finding, implication, source]:
                entry.tags.add(f"tag {entry.pk}")
            for make in [make_source, make_finding, make_theme, make_review, make_implication, make_key_message]:
                make(**withdrawn(replaced_by=None))


def queries(address):
    with CaptureQueriesContext(connection) as found:
        assert Client().get(f"/api/v1/{address}").status_code == 200  # with nothing kept yet
    return len(found)


@pytest.mark.databases
def test_three_rows_take_as_many_queries_as_thirty():
    full(3)
    theme, review = Finding.objects.first().theme, Finding.objects.first().review
    addresses = [*RESOURCES, *(f"{name}?updated_since=2000-01-01" for name in WITH_CODES)]
    addresses = [f"{address}{'&' if '?' in address else '?'}limit=100" for address in addresses]
    addresses += [f"findings?theme={theme.slug}&review={review.slug}&stance=barrier"]
    addresses += [f"themes/{theme.code}", f"reviews/{review.code}", f"findings/{Finding.objects.first().code}"]
    for address in addresses:
        queries(address)  # content types are looked up once
    few = {address: queries(address) for address in addresses}
    full(27)
    many = {address: queries(address) for address in addresses}
    assert many == few
    assert max(few.values()) <= 2 * 12  # each is asked twice, the second time for the digest of what was read
