"""What harvesters are told: each reply read against a grammar of the protocol, and each rule of it tried."""

import datetime
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree

from curation import workflow
from curation.changelog import gathered
from findings import provenance
from findings.models import Citation, Finding, Stamp
from findings.oai.stamping import refresh
from sources.merging import merge
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_term,
    make_theme,
    withdrawn,
)
from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
MODS = "{http://www.loc.gov/mods/v3}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
GRAMMAR = etree.RelaxNG(file=str(Path(__file__).parent / "reply.rng"))
LISTS = ["ListRecords", "ListIdentifiers"]
FORMATS = ["oai_dc", "mods"]
SITE = "https://www.example.org"
BY_HAND = "not known"


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = SITE


def reply(verb="", method="get", **arguments):
    """The answer to a request, sound by the grammar. `from_` stands for ``from``."""
    asked = {"verb": verb} | {name.rstrip("_"): value for name, value in arguments.items()}
    return read(getattr(Client(), method)("/oai", asked))


def read(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    found = etree.fromstring(response.content)
    GRAMMAR.assertValid(found)
    return found


def error(verb="", **arguments):
    return error_in(reply(verb, **arguments))


def error_in(found):
    node = found.find(f"{OAI}error")
    return None if node is None else node.get("code")


def codes(found):
    return [node.text.rpartition(":")[2] for node in found.iter(f"{OAI}identifier")]


def deleted(found):
    return [
        node.findtext(f"{OAI}identifier").rpartition(":")[2]
        for node in found.iter(f"{OAI}header")
        if node.get("status") == "deleted"
    ]


def token(found):
    """None if there is none, "" on the last of several pages."""
    return found.findtext(f".//{OAI}resumptionToken")


def dc_of(entry):
    found = reply("GetRecord", identifier=f"oai:www.example.org:{entry.code}", metadataPrefix="oai_dc")
    return [(node.tag.removeprefix(DC), node.text) for node in found.iter(f"{DC}*")]


def moment(number):
    return datetime.datetime(2024, 1, 1, 0, 0, number, tzinfo=datetime.UTC)


@contextmanager
def at(number):
    """What is done inside happens at that second."""
    with mock.patch("findings.oai.stamping.timezone.now", return_value=moment(number)):
        yield


def many(count):
    with transaction.atomic(), gathered():
        theme = make_theme()
        review = make_review()
        sources = [make_source() for _ in range(3)]
        for n in range(count):
            finding = make_finding(theme=theme, review=review)
            finding.tags.add(f"tag {n % 3}")
            cite(finding, sources[n % 3])
            make_implication([finding], review=review)
            make_key_message([finding], review=review)


class TestRequests:
    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ("", "badVerb"),
            ("verb=", "badVerb"),
            ("verb=Identity", "badVerb"),
            ("verb=identify", "badVerb"),
            ("verb=Identify&verb=Identify", "badVerb"),
            ("verb=Identify&x=1", "badArgument"),
            ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
            ("verb=GetRecord", "badArgument"),
            ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
            ("verb=GetRecord&identifier=oai:www.example.org:F1", "badArgument"),
            ("verb=ListRecords", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&identifier=x", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-13-01", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=0000-01-01", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00.5Z", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&until=%D9%A2%D9%A0%D9%A2%D9%A4-01-01", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01&until=2024-01-02T00:00:00Z", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-01", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=review:", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=review:R99", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=review:r1", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=review:F1", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=kind:horse", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=nothing", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&until=0001-01-01", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=9999-12-31&until=9999-12-31", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
            ("verb=ListIdentifiers&metadataPrefix=", "badArgument"),
            ("verb=ListIdentifiers&metadataPrefix=oai%20dc", "badArgument"),
            ("verb=GetRecord&metadataPrefix=marc21&identifier=oai:www.example.org:F1", "cannotDisseminateFormat"),
            ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:www.example.org:F999", "idDoesNotExist"),
            ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:elsewhere.org:F1", "idDoesNotExist"),
            ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:www.example.org:f1", "idDoesNotExist"),
            ("verb=GetRecord&metadataPrefix=oai_dc&identifier=F1", "idDoesNotExist"),
            ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00%0B%3Cx%3E", "idDoesNotExist"),
            ("verb=ListMetadataFormats&identifier=F1", "idDoesNotExist"),
            ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
            ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
            ("verb=ListRecords&resumptionToken=x&metadataPrefix=oai_dc", "badArgument"),
            ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
            ("verb=Identify&resumptionToken=x", "badArgument"),
        ],
    )
    def test_what_is_wrong_is_told_by_its_code_and_in_words(self, asked, code):
        make_finding(number=1)
        for found in [
            read(Client().get(f"/oai?{asked}")),
            read(Client().post("/oai", asked, content_type="application/x-www-form-urlencoded")),
        ]:
            assert error_in(found) == code
            # Arguments that are wrong are not said back; others are.
            echoed = found.find(f"{OAI}request").attrib
            assert bool(echoed) == (code not in ("badVerb", "badArgument"))

    def test_a_form_may_be_sent_without_a_token_of_ours(self):
        strict = Client(enforce_csrf_checks=True)
        assert read(strict.post("/oai", {"verb": "Identify"})).find(f"{OAI}Identify") is not None

    def test_a_form_counts_and_not_the_address_it_is_sent_to(self):
        assert error_in(read(Client().post("/oai?verb=Identify"))) == "badVerb"

    def test_other_methods_are_refused(self, client):
        assert client.put("/oai?verb=Identify").status_code == 405


class TestIdentify:
    def test_the_repository_says_what_it_keeps_to(self, settings):
        settings.CONTACT_EMAIL = "library@example.org"
        with at(5):
            make_finding()
        told = {node.tag.removeprefix(OAI): node.text for node in reply("Identify").find(f"{OAI}Identify")}
        assert told["repositoryName"] == settings.SITE_NAME
        assert told["baseURL"] == f"{SITE}/oai"
        assert told["adminEmail"] == "library@example.org"
        assert told["earliestDatestamp"] == "2024-01-01T00:00:05Z"
        assert told["deletedRecord"] == "persistent"
        assert told["granularity"] == "YYYY-MM-DDThh:mm:ssZ"

    def test_identifiers_are_described_where_the_host_is_a_domain_name(self, settings):
        assert reply("Identify").find(f".//{OAI}description") is not None
        settings.SITE_URL = "http://127.0.0.1:8000"
        assert b"<description>" not in Client().get("/oai?verb=Identify").content

    def test_it_works_where_nothing_is_public_yet_and_nobody_is_named(self):
        found = reply("Identify", method="post")
        assert found.findtext(f".//{OAI}adminEmail") == "postmaster@www.example.org"

    def test_the_formats_are_listed_for_all_and_for_one(self):
        make_finding(number=7)
        for found in [reply("ListMetadataFormats"), reply("ListMetadataFormats", identifier="oai:www.example.org:F7")]:
            assert [node.text for node in found.iter(f"{OAI}metadataPrefix")] == FORMATS


class TestRecords:
    @pytest.mark.parametrize("prefix", FORMATS)
    def test_every_entry_of_the_fixture_is_told_in_sound_xml(self, prefix):
        load_signposts()
        found = reply("ListRecords", metadataPrefix=prefix)
        assert len(set(codes(found))) == len(codes(found)) == 1 + 6 + 6 + 27 + 15 + 14
        assert not deleted(found) and token(found) is None

    def test_a_finding_is_told_with_what_it_rests_on_and_whose_it_is(self):
        review = make_review(number=3, rights="All theirs.", country="UK", year="2007", year_is_approximate=True)
        finding = make_finding(number=4, review=review, theme=make_theme(name="Trust"), heading="A & B <c>")
        finding.tags.add("status")
        cite(finding, make_source(number=5))
        cite(finding, make_source(number=6, status="draft", published_on=None))
        told = dc_of(finding)
        assert told == [
            ("title", "A & B <c>"),
            ("creator", "Joined-up"),
            ("subject", "Trust"),
            ("subject", "status"),
            ("description", "It does so in one line."),
            ("description", provenance.line(review)),
            ("publisher", "Joined-up"),
            ("date", "2020-01-02"),
            ("type", "Text"),
            ("format", "text/html"),
            ("identifier", f"{SITE}/F4"),
            ("source", f"{SITE}/R3"),
            ("language", "en-GB"),
            ("relation", f"{SITE}/S5"),
            ("coverage", "UK"),
            ("coverage", "about 2007"),
            ("rights", provenance.rights()),
            ("rights", "All theirs."),
        ]

    def test_what_we_write_says_its_language_and_what_others_wrote_does_not(self):
        finding, source = make_finding(), make_source()
        found = reply("ListRecords", metadataPrefix="oai_dc")
        languages = {node.text: node.get(XML_LANG) for node in found.iter(f"{DC}title")}
        assert languages[str(finding)] == "en-GB"
        assert languages[source.title] is None

    def test_a_source_is_told_as_the_work_it_is(self):
        source = make_source(
            authors=[("Hudson", "Bob"), ("Frost", "N")],
            number=9,
            title="An article",
            csl_type="article-journal",
            container_title="A journal",
            volume="3",
            issue="2",
            pages="7-17",
            issued="2002-05",
            issued_is_approximate=True,
            publisher="A house",
            doi="10.1000/xyz",
            issn="1234-5679",
            abstract="In short.",
            retracted_on=datetime.date(2022, 1, 1),
        )
        told = dc_of(source)
        assert [value for name, value in told if name == "creator"] == ["Hudson, Bob", "Frost, N"]
        assert [value for name, value in told if name == "identifier"] == [f"{SITE}/S9", "https://doi.org/10.1000/xyz"]
        assert ("source", "A journal") in told
        assert "etract" in next(value for name, value in told if name == "description")
        found = reply("GetRecord", identifier="oai:www.example.org:S9", metadataPrefix="mods")
        assert [node.text for node in found.iter(f"{MODS}namePart")] == ["Hudson", "Bob", "Frost", "N"]
        assert [node.text for node in found.iter(f"{MODS}number")] == ["3", "2"]
        assert (found.findtext(f".//{MODS}start"), found.findtext(f".//{MODS}end")) == ("7", "17")
        assert found.find(f".//{MODS}dateIssued").get("qualifier") == "approximate"
        assert found.findtext(f".//{MODS}relatedItem/{MODS}titleInfo/{MODS}title") == "A journal"

    def test_the_rights_of_a_review_are_told_in_mods_too(self):
        review = make_review(rights="All theirs.", country="Wales")
        make_finding(review=review)
        found = reply("ListRecords", metadataPrefix="mods", set="kind:finding")
        assert found.findtext(f".//{MODS}accessCondition") == f"{provenance.rights()} All theirs."
        assert found.findtext(f".//{MODS}note") == provenance.line(review)
        assert found.findtext(f".//{MODS}geographic") == "Wales"

    @pytest.mark.parametrize("prefix", FORMATS)
    def test_a_sign_that_no_xml_can_hold_does_not_spoil_the_reply(self, prefix):
        finding = make_finding(heading="Bell \x07 and \x1b escape", bottom_line="\ufffe!")
        assert codes(reply("ListRecords", metadataPrefix=prefix, set="kind:finding")) == [finding.code]

    def test_what_is_no_entry_or_was_never_public_is_not_told(self):
        make_term("trust")
        draft = make_finding(status="draft", published_on=None)
        hidden = make_key_message(review=make_review(status="draft", published_on=None))
        found = reply("ListRecords", metadataPrefix="oai_dc")
        assert not {draft.code, hidden.code} & set(codes(found))
        assert error("GetRecord", identifier=f"oai:www.example.org:{draft.code}", metadataPrefix="mods") == (
            "idDoesNotExist"
        )


class TestSets:
    def test_sets_are_reviews_themes_and_kinds_and_headers_name_them(self):
        review, theme = make_review(title="The review"), make_theme(name="Trust")
        finding = make_finding(review=review, theme=theme)
        sets = {node[0].text: node[1].text for node in reply("ListSets").iter(f"{OAI}set")}
        assert sets[f"review:{review.code}"] == "Review: The review"
        assert sets[f"theme:{theme.code}"] == "Theme: Trust"
        assert sets["kind:practice-point"] == "Practice points"
        found = reply("ListIdentifiers", metadataPrefix="oai_dc", set="kind:finding")
        specs = [node.text for node in found.iter(f"{OAI}setSpec")]
        assert specs == ["kind:finding", f"review:{review.code}", f"theme:{theme.code}"]
        assert set(specs) <= sets.keys() and codes(found) == [finding.code]

    def test_a_set_holds_what_belongs_to_it_and_no_more(self):
        first, second = make_review(), make_review()
        one, other = make_theme(), make_theme()
        a = make_finding(review=first, theme=one)
        b = make_finding(review=second, theme=other)
        p = make_implication([a], review=first)
        k = make_key_message([a], review=second)
        s = make_source()

        def within(name):
            return set(codes(reply("ListIdentifiers", metadataPrefix="oai_dc", set=name)))

        assert within(f"review:{first.code}") == {first.code, a.code, p.code}
        assert within(f"review:{second.code}") == {second.code, b.code, k.code}
        assert within(f"theme:{one.code}") == {one.code, a.code}
        assert within("kind:source") == {s.code}
        assert within("review") == {first.code, second.code, a.code, b.code, p.code, k.code}
        assert within("theme") == {one.code, other.code, a.code, b.code}
        assert within("kind") == within("review") | within("theme") | {s.code}


@pytest.mark.databases
class TestChanges:
    """Every change of what is told moves the stamp, whoever made it; nothing else does."""

    def changed(self, act):
        Stamp.objects.update(changed_at=moment(0))
        with at(9):
            act()
        return set(codes(found)) if error_in(found := self.since(9)) is None else set()

    def since(self, second):
        return reply("ListIdentifiers", metadataPrefix="oai_dc", from_=f"2024-01-01T00:00:{second:02}Z")

    def test_a_change_of_wording_is_told_and_a_check_is_not(self):
        finding = make_finding()

        def reword():
            finding.heading = "Reworded"
            finding.save()

        def check():
            finding.last_checked_on = datetime.date.today()
            finding.save()

        assert self.changed(reword) == {finding.code}
        assert self.changed(check) == set()

    def test_what_shows_in_other_records_is_told_of_them(self):
        review, theme = make_review(), make_theme()
        finding = make_finding(review=review, theme=theme)
        point = make_implication([finding], review=review)
        message = make_key_message([finding], review=review)
        source = make_source()
        cite(finding, source)
        review.review_sources.create(source=source, role="background")
        finding.tags.add("trust")

        def set_to(entry, **values):
            def act():
                for name, value in values.items():
                    setattr(entry, name, value)
                entry.save()

            return act

        parts = {review.code, finding.code, point.code, message.code, theme.code}
        assert self.changed(set_to(review, rights="Others’ now.")) == parts
        assert self.changed(lambda: review.contributors.create(family="Body")) == parts
        assert self.changed(set_to(theme, name="Renamed")) == {theme.code, finding.code}
        assert self.changed(set_to(finding.tags.get(), name="reliance")) == {finding.code}
        assert self.changed(lambda: finding.tags.add("more")) == {finding.code}
        assert self.changed(lambda: point.findings.clear()) == {point.code}
        assert self.changed(lambda: source.contributors.all().delete()) == {source.code}
        assert self.changed(lambda: review.review_sources.all().delete()) == {review.code}
        assert self.changed(lambda: Citation.objects.get().delete()) == {finding.code}
        cite(finding, source)
        review.review_sources.create(source=source, role="background")
        gone = self.changed(set_to(source, **withdrawn()))
        assert gone == {source.code, finding.code, review.code}
        assert deleted(self.since(9)) == [source.code]

    def test_another_day_changes_nothing(self, monkeypatch):
        entries = [
            make_review([("Flood", "Steve")]),
            make_theme(),
            make_finding(),
            make_implication(),
            make_key_message(),
        ]

        def look_later():
            monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: datetime.date(2099, 1, 2))
            for entry in entries:
                entry.save()

        assert self.changed(look_later) == set()

    def test_what_moves_to_another_theme_is_told_with_its_new_set(self):
        finding, other = make_finding(), make_theme()

        def move():
            finding.theme = other
            finding.save()

        assert self.changed(move) == {finding.code, other.code}
        assert finding.code in codes(reply("ListIdentifiers", metadataPrefix="oai_dc", set=f"theme:{other.code}"))

    def test_both_ends_of_a_time_belong_to_it(self):
        for second in [1, 2, 3]:
            with at(second):
                make_source(number=second)

        def told(**bounds):
            return codes(reply("ListIdentifiers", metadataPrefix="mods", **bounds))

        assert told(from_="2024-01-01T00:00:02Z") == ["S2", "S3"]
        assert told(until="2024-01-01T00:00:02Z") == ["S1", "S2"]
        assert told(from_="2024-01-01T00:00:02Z", until="2024-01-01T00:00:02Z") == ["S2"]
        assert told(from_="2024-01-01", until="2024-01-01") == ["S1", "S2", "S3"]
        assert error("ListRecords", metadataPrefix="mods", from_="2024-01-02") == "noRecordsMatch"

    def test_what_was_changed_behind_our_back_is_told_when_it_is_looked_for(self):
        finding = make_finding()
        make_source()

        def by_sql():
            Finding.objects.update(heading="By hand")
            refresh()

        assert self.changed(by_sql) == {finding.code}

    def test_a_stamp_from_before_its_first_reading_is_told_again_and_then_settled(self):
        """As the migration leaves them."""
        source = make_source()
        Stamp.objects.update(digest=BY_HAND)
        assert codes(reply("ListRecords", metadataPrefix="oai_dc")) == [source.code]
        assert self.changed(refresh) == {source.code}
        assert self.changed(refresh) == set()


@pytest.mark.databases
def test_what_is_public_and_has_no_datestamp_is_given_one():
    finding = make_finding(theme=make_theme(), review=make_review())
    make_implication([finding]), make_key_message(), make_source(), make_source(**withdrawn())
    make_source(status="draft", published_on=None)

    def stamps():
        return {(s.code, s.object_id, s.review, s.theme, s.is_deleted) for s in Stamp.objects.all()}

    before = stamps()
    Stamp.objects.all().delete()
    call_command("refresh_datestamps")
    assert stamps() == before and len(before) == 7


@pytest.mark.databases
class TestDeletions:
    def test_a_withdrawn_entry_is_told_as_deleted_in_every_list_and_may_come_back(self, admin_user):
        finding = make_finding(last_checked_on=datetime.date(2024, 1, 1))
        workflow.perform(workflow.Name.WITHDRAW, finding, admin_user, "It claimed too much.")
        identifier = f"oai:www.example.org:{finding.code}"
        for prefix in FORMATS:
            for verb in LISTS:
                assert deleted(reply(verb, metadataPrefix=prefix, set="kind:finding")) == [finding.code]
            found = reply("GetRecord", identifier=identifier, metadataPrefix=prefix)
            assert deleted(found) == [finding.code] and found.find(f".//{OAI}metadata") is None
        workflow.perform(workflow.Name.RESTORE, finding, admin_user, "It did not.")
        assert deleted(reply("ListRecords", metadataPrefix="oai_dc")) == []

    def test_a_merged_source_is_told_as_deleted(self, admin_user):
        kept, other = make_source(), make_source()
        merge(kept, [other], admin_user)
        assert deleted(reply("ListRecords", metadataPrefix="oai_dc", set="kind:source")) == [other.code]

    def test_an_entry_that_is_gone_altogether_stays_told_as_deleted(self):
        finding = make_finding()
        sets = [node.text for node in self.header(finding).iter(f"{OAI}setSpec")]
        finding.delete()
        assert self.header(finding).get("status") == "deleted"
        assert [node.text for node in self.header(finding).iter(f"{OAI}setSpec")] == sets

    def header(self, entry):
        identifier = f"oai:www.example.org:{entry.code}"
        return reply("GetRecord", identifier=identifier, metadataPrefix="oai_dc").find(f".//{OAI}header")

    def test_a_key_message_goes_with_the_page_that_it_stands_on(self):
        message = make_key_message()
        message.review.status, message.review.withdrawn_on = "withdrawn", datetime.date(2024, 1, 1)
        message.review.withdrawal_reason = "Outdated."
        message.review.save()
        assert set(deleted(reply("ListRecords", metadataPrefix="oai_dc"))) == {message.code, message.review.code}

    def test_what_ceased_to_be_public_behind_our_back_has_no_contents(self):
        finding = make_finding()
        Finding.objects.update(status="draft")
        assert deleted(reply("ListRecords", metadataPrefix="oai_dc", set="kind:finding")) == [finding.code]

    def test_what_comes_withdrawn_from_elsewhere_is_told_as_deleted(self):
        finding = make_finding(**withdrawn())
        assert finding.code in deleted(reply("ListIdentifiers", metadataPrefix="oai_dc"))


@pytest.fixture
def in_twos(monkeypatch):
    monkeypatch.setattr("findings.oai.views.A_PAGE", 2)


@pytest.mark.databases
class TestResumption:
    def harvest(self, verb="ListIdentifiers", between=lambda: None, **arguments):
        """The codes of each page; `between` is done after each."""
        found = reply(verb, metadataPrefix="oai_dc", **arguments)
        pages = [codes(found)]
        while token(found):
            between()
            found = reply(verb, resumptionToken=token(found))
            pages.append(codes(found))
        assert token(found) == (None if len(pages) == 1 else "")
        return pages

    def five(self):
        for second in range(1, 6):
            with at(second):
                make_source(number=second)

    @pytest.mark.parametrize("verb", LISTS)
    def test_pages_follow_each_other_and_the_last_has_an_empty_token(self, in_twos, verb):
        self.five()
        assert self.harvest(verb) == [["S1", "S2"], ["S3", "S4"], ["S5"]]

    def test_a_list_that_fits_has_no_token(self, in_twos):
        make_source(), make_source()
        assert reply("ListRecords", metadataPrefix="oai_dc").find(f".//{OAI}resumptionToken") is None

    def test_the_cursor_counts_what_was_told_before(self, in_twos):
        self.five()
        first = reply("ListRecords", metadataPrefix="oai_dc")
        second = reply("ListRecords", resumptionToken=token(first))
        cursors = [found.find(f".//{OAI}resumptionToken").get("cursor") for found in [first, second]]
        assert cursors == ["0", "2"]

    def test_entries_of_one_second_are_each_told_once(self, in_twos):
        with at(1):
            for number in range(1, 6):
                make_source(number=number)
        assert self.harvest() == [["S1", "S2"], ["S3", "S4"], ["S5"]]

    def test_what_was_asked_for_holds_for_all_pages(self, in_twos):
        self.five()
        with at(3):
            make_theme()
        bounds = {"from_": "2024-01-01T00:00:02Z", "until": "2024-01-01T00:00:04Z", "set": "kind:source"}
        assert self.harvest(**bounds) == [["S2", "S3"], ["S4"]]

    def test_nothing_is_left_out_when_the_data_change_meanwhile(self, in_twos):
        """What was told and changes is told again at the end; what is new, withdrawn or gone is told too."""
        self.five()
        steps = iter(range(6, 20))

        def meddle():
            second = next(steps)
            with at(second):
                if second == 6:
                    for number, values in [(1, {"title": "Changed"}), (4, withdrawn())]:
                        source = type(sources[number]).objects.get(number=number)
                        for name, value in values.items():
                            setattr(source, name, value)
                        source.save()
                    sources[3].delete()
                if second == 7:
                    make_source(number=6)

        from sources.models import Source

        sources = {source.number: source for source in Source.objects.all()}
        pages = self.harvest(between=meddle)
        told = [code for page in pages for code in page]
        assert told[:2] == ["S1", "S2"]
        assert sorted(told[2:]) == ["S1", "S3", "S4", "S5", "S6"]
        stamps = {stamp.code: stamp.is_deleted for stamp in Stamp.objects.all()}
        assert [code for code, is_deleted in sorted(stamps.items()) if is_deleted] == ["S3", "S4"]

    def test_a_token_is_good_for_its_own_verb_and_no_other_site(self, in_twos, settings):
        self.five()
        given = token(reply("ListRecords", metadataPrefix="oai_dc"))
        assert error("ListIdentifiers", resumptionToken=given) == "badResumptionToken"
        assert error("ListRecords", resumptionToken=given[:-1]) == "badResumptionToken"
        settings.SECRET_KEY = "another"
        assert error("ListRecords", resumptionToken=given) == "badResumptionToken"

    def test_a_page_takes_as_many_queries_for_three_as_for_thirty_and_a_hundred(self, monkeypatch):
        many(34)
        for kind in ["finding", "practice-point", "key-message"]:
            counts = []
            for size in [3, 30]:
                monkeypatch.setattr("findings.oai.views.A_PAGE", size)
                for prefix in FORMATS:
                    with CaptureQueriesContext(connection) as queries:
                        assert len(codes(reply("ListRecords", metadataPrefix=prefix, set=f"kind:{kind}"))) == size
                    counts.append(len(queries))
            assert len(set(counts)) == 1, counts
        monkeypatch.setattr("findings.oai.views.A_PAGE", 100)
        with CaptureQueriesContext(connection) as queries:
            assert len(codes(reply("ListRecords", metadataPrefix="oai_dc"))) == 100
        assert len(queries) <= 28

    def test_identifiers_take_one_query_however_many(self):
        many(30)
        with CaptureQueriesContext(connection) as queries:
            reply("ListIdentifiers", metadataPrefix="oai_dc")
        assert len(queries) == 1

    def test_stamping_takes_as_many_queries_for_three_as_for_thirty(self):
        from findings.oai.stamping import follow

        many(30)
        ids = list(Finding.objects.values_list("pk", flat=True))
        counts = []
        for some in [ids[:3], ids]:
            Stamp.objects.update(digest=BY_HAND)
            with CaptureQueriesContext(connection) as queries:
                follow(Finding, some)
            counts.append(len(queries))
        assert counts[0] == counts[1]


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_a_harvester_that_others_wrote_reads_everything(live_server, settings, in_twos):
    sickle = pytest.importorskip("sickle", reason="sickle is not installed", exc_type=ImportError)
    from sickle.oaiexceptions import NoRecordsMatch

    settings.SITE_URL = ""
    for number in range(1, 6):
        make_source(number=number, title=f"Work {number}")
    make_finding(number=1, **withdrawn())
    harvester = sickle.Sickle(f"{live_server.url}/oai")
    assert harvester.Identify().deletedRecord == "persistent"
    records = list(harvester.ListRecords(metadataPrefix="oai_dc"))
    assert len(records) == 8
    assert [record.header.identifier.rpartition(":")[2] for record in records if record.deleted] == ["F1"]
    assert {"Work 1", "Work 5"} <= {title for r in records if not r.deleted for title in r.metadata["title"]}
    alive = harvester.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True)
    assert len(list(alive)) == 7
    assert {s.setSpec for s in harvester.ListSets()} >= {"kind:source", "review", "theme"}
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", **{"from": "2999-01-01"})
