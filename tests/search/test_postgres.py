"""PostgreSQL tells of the commonest tokens by bits beside the vectors, and what of a query entries meet: all of it is
what vectors and texts say."""

import pytest
from django.db import connection

from joinedup.search import engine
from joinedup.search.backends import backend, postgres
from joinedup.search.backends.base import HEADING, SUMMARY, facet_token
from joinedup.search.engine import load_thesaurus, search
from joinedup.search.models import IndexEntry
from joinedup.search.query import parse
from joinedup.search.ranking import Ranker
from tests.factories import make_finding, make_source, make_theme

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps bits"),
]

THEME = facet_token("kind=theme")
EXPRESSIONS = [
    "trust",
    ("all", ["trust"]),
    ("all", ["trust", "work"]),
    ("all", [("any", [("all", ["trust"])]), ("any", ["work"])]),
    ("all", [("any", ["trust", "work"])]),
    ("any", ["trust", "zebra"]),
    ("all", ["trust", "zebra"]),
    ("all", ["zebra"]),
    ("all", [HEADING + "trust", "work"]),
    ("all", [SUMMARY + "trust"]),
    ("all", [("any", [facet_token("kind=finding")]), "trust"]),
    ("all", [("any", [THEME, facet_token("kind=source")]), ("any", ["trust", "giraff"])]),
    ("not", ("all", ["trust"]), ("any", ["work"])),
    ("not", ("all", ["trust", "zebra"]), ("any", ["work"])),
    ("not", ("all", ["trust"]), ("any", ["zebra", "work"])),
    ("not", ("all", ["zebra"]), ("any", ["work"])),
    ("not", ("any", ["trust", "work"]), "work"),
    ("all", ["it", "grow", "work", "trust", "with"]),
    ("all", ["it", "grow", "work", ("any", ["trust", "zebra"]), ("any", [THEME, facet_token("kind=finding")])]),
    ("not", ("all", ["it", "grow", "work", SUMMARY + "grow", HEADING + "grow"]), ("any", ["trust", "giraff"])),
    ("all", ["zebra", ("any", ["trust", "work"]), ("any", ["work", "giraff", ("all", ["trust", "zebra"])])]),
    ("not", ("all", ["giraff", "at", "work", ("any", ["grow", "work"])]), ("any", ["trust", "zebra"])),
    ("any", ["zebra", ("all", ["giraff", "at"]), ("all", ["trust", ("any", ["work", "it"])])]),
    ("all", [facet_token("kind=finding"), ("any", ["zebra", "it", ("all", ["trust", ("any", ["work", "grow"])])])]),
    ("not", ("any", ["zebra", ("all", ["trust", ("any", ["work", "it"])])]), ("any", ["grow"])),
]


@pytest.fixture
def common_is_little(monkeypatch):
    """Tokens of few rows are common too."""
    monkeypatch.setattr(postgres, "MANY", 1)
    monkeypatch.setattr(postgres, "COMMON", 0.3)
    monkeypatch.setattr(postgres, "EVERYWHERE", 0.5)
    yield
    postgres._known.clear()


@pytest.fixture
def entries():
    theme = make_theme(name="Trust at work")
    for n in range(6):
        heading, body = "Trust grows" if n % 2 else "It grows", "Work with trust" if n < 4 else "Work"
        make_finding(theme=theme, heading=heading, body=body)
    make_source(title="Zebras and trust")
    make_source(title="Giraffes at work")


@pytest.fixture
def listed(common_is_little, entries):
    """Entries, and a list of the tokens that are common among them."""
    backend().optimise()
    assert {"trust", "work"} <= set(tokens())


def tokens():
    with connection.cursor() as cursor:
        return postgres._current_list(cursor)[1]


def number():
    with connection.cursor() as cursor:
        return postgres._current_list(cursor)[0]


def lists_of_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT list FROM search_tokens")
        return {number for (number,) in cursor.fetchall()}


def asked(expression, limit=3):
    """The SQL, and the ids that it finds."""
    seen = []

    def note(execute, sql, *rest):
        if "SELECT entry_id" in sql:
            seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        found = list(backend().matching(expression, limit))
    return seen[-1], found


def by_vectors(expression, limit=3):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id FROM search_tokens WHERE tokens @@ %s::tsquery ORDER BY entry_id DESC LIMIT %s",
            [postgres.spell(expression, *postgres.SPELLING), limit],
        )
        return [entry for (entry,) in cursor.fetchall()]


def assert_all_are_found():
    for expression in EXPRESSIONS:
        for limit in [1, 3, 100]:
            assert asked(expression, limit)[1] == by_vectors(expression, limit), (expression, limit)


def test_what_is_found_is_what_the_vectors_tell(listed):
    assert_all_are_found()


@pytest.mark.parametrize(("few", "very_few"), [(3, 0), (3, 100), (100, 0), (100, 100)])
def test_what_is_found_by_the_rare_words_of_many_is_the_same(listed, monkeypatch, few, very_few):
    monkeypatch.setattr(postgres, "MANY_WORDS", 1)
    monkeypatch.setattr(postgres, "FEW", few)
    monkeypatch.setattr(postgres, "VERY_FEW", very_few)
    assert_all_are_found()


def test_what_is_found_part_by_part_is_the_same(listed, monkeypatch):
    ids = sorted(IndexEntry.objects.values_list("pk", flat=True))
    monkeypatch.setattr(postgres, "FETCHED", 0)
    monkeypatch.setattr(postgres, "PLACE", 0)
    monkeypatch.setattr(postgres.Statistics, "parts", lambda *asked: [ids[-2], ids[3]])
    assert " AND entry_id " in asked("trust")[0]
    assert_all_are_found()


def test_what_the_server_is_told_of_costs_for_a_part_is_over_with_it(listed, monkeypatch):
    monkeypatch.setattr(postgres, "FETCHED", 0)
    monkeypatch.setattr(postgres, "PLACE", 0)
    monkeypatch.setattr(postgres.Statistics, "parts", lambda *asked: [1])
    with connection.cursor() as cursor, backend().time_limit():
        asked("trust")
        cursor.execute("SELECT count(*) FROM pg_settings WHERE name = 'cpu_tuple_cost' AND setting <> reset_val")
        assert cursor.fetchone() == (0,)


def test_rows_are_looked_for_in_parts_where_many_match_of_very_many():
    bounds = list(range(0, 1_000_001, 10_000))
    known = postgres.Statistics(1_000_000, ["often", "seldom"], [0.03, 0.002], bounds, 0, [])
    assert known.parts("often", 1000) == [950_000, 830_000]
    assert known.parts("seldom", 1000) == []  # 2,000 rows are fetched sooner than the keys are gone through
    assert known.parts("unknown", 1000) == []
    assert known.parts("often", 20_000) == []


def test_common_tokens_are_told_by_bits(listed):
    for expression in [
        ("all", ["trust", "work"]),
        ("all", [("any", ["trust", "work"])]),
        ("all", [("any", [("all", ["trust"])])]),
        ("all", [("any", [facet_token("kind=finding")]), "trust"]),
        ("not", ("any", ["trust", "work"]), "work"),
    ]:
        assert "common" in asked(expression, 1)[0], expression
    for expression in [
        "zebra",
        ("all", ["trust", "zebra"]),
        ("any", ["trust", "zebra"]),
        ("not", ("all", ["trust"]), ("any", ["zebra", "work"])),
    ]:
        assert "common" not in asked(expression)[0], expression


def test_of_many_words_the_index_is_asked_for_the_rare_ones(listed, monkeypatch):
    monkeypatch.setattr(postgres, "FEW", 4)
    many = ("all", ["trust", "work", "grow", "zebra", "it"])
    sql, found = asked(many)
    assert "(tokens || '') @@" in sql
    assert found == by_vectors(many)
    assert "(tokens || '') @@" not in asked(("all", many[1][:4]))[0]


def test_a_facet_has_a_bit_only_if_it_stands_everywhere(listed):
    assert facet_token("kind=finding") in tokens()
    assert not {THEME, facet_token("kind=source")} & set(tokens())


def test_words_that_say_nothing_get_no_bit(listed):
    make_source(title="At and of the")
    assert not {"at", HEADING + "at", "and"} & set(tokens())


def test_what_is_written_after_the_list_has_its_bits(listed):
    finding = make_finding(heading="Trust me")
    sql, found = asked(("all", ["trust"]), 1)
    assert "common" in sql
    assert found == [IndexEntry.objects.get(code=finding.code).pk]
    assert lists_of_rows() == {number()}


@pytest.mark.parametrize("other", ["NULL", "99"])
def test_what_was_written_with_another_list_is_told_by_its_vector(listed, other):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE search_tokens SET list = {other}, common = ~common WHERE entry_id % 2 = 0")
    for expression in EXPRESSIONS:
        assert asked(expression)[1] == by_vectors(expression), expression


def test_a_process_that_knows_an_earlier_list_finds_the_same(listed):
    asked("trust")
    known = dict(postgres._known)
    for _n in range(6):
        make_source(title="Llamas")
    backend().optimise()
    assert "llama" in tokens()
    postgres._known.update(known)
    for expression in EXPRESSIONS:
        assert asked(expression)[1] == by_vectors(expression), expression


def test_a_list_stays_while_all_that_is_common_has_a_bit(listed):
    before = number()
    backend().optimise()
    assert number() == before
    for _n in range(9):
        make_source(title="Llamas")
    backend().optimise()
    assert (number(), lists_of_rows()) == (before + 1, {before + 1})


def test_rows_that_were_left_without_the_current_bits_get_them(listed, monkeypatch):
    monkeypatch.setattr(postgres, "AT_ONCE", 2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_tokens SET list = NULL, common = NULL WHERE entry_id % 4 <> 0")
    backend().optimise()
    assert lists_of_rows() == {number()}
    for expression in EXPRESSIONS:
        assert asked(expression)[1] == by_vectors(expression), expression


def test_a_list_that_was_lost_leaves_its_number_to_nobody(listed):
    before = number()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_tokens_common")
    backend().optimise()
    assert number() == before + 1


def test_few_rows_make_no_list():
    for _n in range(6):
        make_finding(heading="Trust")
    backend().optimise()
    assert (number(), tokens()) == (0, [])
    assert search("trust").count == 6


def test_a_search_finds_the_same_with_and_without(listed):
    wordings = ["trust", "trust work", "trust OR work", "trust -work", "zebras trust", '"trust grows"']
    found = [search(text, filters).ids for text in wordings for filters in [{}, {"kind": ["finding"]}]]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_tokens_common")
    postgres._known.clear()
    assert found == [search(text, filters).ids for text in wordings for filters in [{}, {"kind": ["finding"]}]]


@pytest.mark.parametrize("held", [0, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "trust",
        "trust work zebras nowhere",
        '"trust grows" work',
        '"trust at work" -"zebras and"',
        'zebras OR "work with" trust -giraffes',
        "front-line trust",
        "100% trust's 'work",
    ],
)
def test_what_of_a_query_entries_meet_is_what_their_texts_say(listed, text, held):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_tokens SET list = NULL, common = NULL WHERE entry_id % 4 = 0")
    query = load_thesaurus().also_called(parse(text))
    ids = list(IndexEntry.objects.values_list("pk", flat=True))
    ranker = Ranker(query, {"": len(ids)}, len(ids))
    entries = dict.fromkeys(["trust", "work", "zebra", "giraff", "grow"], held)
    assert backend().met(query, ids, entries) == {row.pk: ranker.met(row) for row in IndexEntry.objects.all()}


def test_more_than_are_scored_are_found_alike(listed, monkeypatch):
    wordings = ["trust work zebras nowhere", '"work with" trust', '"trust grows"', "zebras giraffes trust"]
    found = [search(text).ids for text in wordings]
    monkeypatch.setattr(engine, "RANKED", 2)
    for text, ids in zip(wordings, found, strict=True):
        assert set(search(text).ids) == set(ids), text
