"""How fast search is: whole result pages, on a made-up collection, on either database.

    make bench-search                                            1,000 and 100,000 findings on both
    make bench-search ARGS="--size 1000000 --database postgresql"

Each kind of query is asked in 20 ways, each as often as there are rounds; the best time of each way counts. `page` is
wall-clock ms of the whole request through the view, `cpu` the CPU ms of it in this process and in PostgreSQL's,
`engine` the CPU ms of the database's own query for the same tokens and 20 rows, `times` how many times as much CPU the
page takes. The last line tells what a bare Django view took meanwhile: times of another hour, or of another machine,
are to be compared by it.
"""

import argparse
import gc
import random
import re
import subprocess
import sys
from itertools import pairwise

from measuring import measure, quantile
from serving import ask, bare_handler
from sites import ROOT, add_options, site

WAYS = 20


def main():
    parser = argparse.ArgumentParser(description="How fast search is, on a made-up collection.")
    add_options(parser, size=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", metavar="KIND", help="print where the time goes for the kinds of this name")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        run(options.size[0], options.rounds, options.profile)
        return
    for database in options.database:
        for size in options.size:
            with site(database, size, options.keep) as environment:
                if environment:
                    command = [sys.executable, __file__, "--here", "--size", str(size), "--rounds", str(options.rounds)]
                    command += ["--profile", options.profile] if options.profile else []
                    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def run(size, rounds, profile):
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    settings.MIDDLEWARE.remove("joinedup.pagecache.middleware.page_cache")  # each is answered anew
    print(f"\n{connection.display_name}, {size:,} findings, index {index_size() / 1e6:.0f} MB\n")
    gc.collect()
    client = Client(SERVER_NAME="localhost")
    asked = queries()
    if profile:
        show_profile(client, {kind: ways for kind, ways in asked.items() if re.search(profile, kind)})
    table(client, asked, rounds)


def table(client, asked, rounds):
    print("| kind of query | page p50 | p95 | cpu p50 | p95 | engine p50 | times |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    bare_view, taken = bare_handler(), []
    for kind, ways in asked.items():
        taken += [measure(lambda: ask(bare_view, "/healthz", {})).own for _ in range(WAYS)]
        pages = [[measure(lambda path=path: page(client, path)) for path, _ in ways] for _ in range(rounds)]
        bare = [[measure(lambda sql=sql: fetch(sql)) for _, sql in ways if sql] for _ in range(rounds)]
        wall, cpu, engine = best(pages, "wall"), best(pages, "cpu"), best(bare, "cpu")
        row = [f"{quantile(times, share):.1f}" for times in (wall, cpu) for share in (0.5, 0.95)]
        row += [f"{quantile(engine, 0.5):.1f}", f"{sum(cpu) / sum(engine):.0f}"] if engine else ["–", "–"]
        print("|", " | ".join([kind, *row]), "|", flush=True)
    print(f"\nA bare Django view took {quantile(taken, 0.5):.2f} CPU ms meanwhile.")


def best(measured, which):
    """For each way to ask, the least of all rounds."""
    return [min(getattr(times, which) for times in way) for way in zip(*measured, strict=True)]


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response


def fetch(question):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(*question)
        return cursor.fetchall()


def queries():
    """Kind -> `WAYS` ways to ask, each the address of a page and the bare query of the same tokens."""
    from corpus import COMMON, words
    from django.utils.http import urlencode

    from findings.models import TermLabel, Theme
    from joinedup.search.analysis import stem
    from joinedup.search.query import STOP_WORDS, parse

    dice = random.Random(2)
    rare, middling = words(dice, WAYS, 0.00005, 0.0005), words(dice, WAYS, 0.005, 0.02)
    head = [word for word in COMMON if word not in STOP_WORDS][:WAYS]
    rare_phrases, common_phrases = phrases(dice, 0, 0.02), phrases(dice, 0.3, 1)
    labels = dice.sample(list(TermLabel.objects.filter(kind="also-called").order_by("pk")), WAYS)
    themes = list(Theme.objects.filter(slug__startswith="bench-").order_by("number"))[:WAYS]

    def ask(texts, **filters):
        ways = []
        for i, text in enumerate(texts):
            chosen = {name: values[i % len(values)] for name, values in filters.items()}
            address = {"q": text, **{name: entry.slug for name, entry in chosen.items()}}
            ways.append((f"/search/?{urlencode(address)}", bare(parse(text), chosen)))
        return ways

    def two(a, b):
        return list(zip(a, b[1:] + b[:1], strict=True))

    def mistyped(word):
        at = 2 + dice.randrange(len(word) - 3)
        return word[:at] + word[at + 1 :] if dice.random() < 0.5 else word[:at] + "x" + word[at + 1 :]

    long = [word for word in middling if stem(word[:-1]) != stem(word)] or middling
    return {
        "rare word": ask(rare),
        "middling word": ask(middling),
        "common word": ask(head),
        "rare and common word": ask([f"{a} {b}" for a, b in two(rare, head)]),
        "middling and common word": ask([f"{a} {b}" for a, b in two(middling, head)]),
        "two common words": ask([f"{a} {b}" for a, b in two(head, head)]),
        "phrase of rare words": ask([f'"{phrase}"' for phrase in rare_phrases]),
        "phrase of common words": ask([f'"{phrase}"' for phrase in common_phrases]),
        "phrase that stands nowhere": ask([f'"{a} {b} {a}"' for a, b in two(head, head)]),
        "glossary word with other names": ask([label.label for label in labels]),
        "whole question": ask(
            [f"how do {a} and {b} help in the {c}?" for (a, b), c in zip(two(head, middling), rare, strict=True)]
        ),
        "mistyped word": [(path, None) for path, _ in ask([mistyped(word) for word in long])],
        "common word in a theme": ask(head, theme=themes),
        "two common words in a theme": ask([f"{a} {b}" for a, b in two(head, head)], theme=themes),
        "rare word in a theme": ask(rare, theme=themes),
        "either of two common words": ask([f"{a} OR {b}" for a, b in two(head, head)]),
        "common word without another": ask([f"{a} -{b}" for a, b in two(head, head)]),
        "twenty words, common and rare": ask([" ".join(dice.sample(rare + middling + head, 20)) for _ in head]),
        "common word, newest first": [(f"{path}&sort=newest", sql) for path, sql in ask(head)],
        "theme alone": ask([""] * WAYS, theme=themes),
        "suggestion for two letters": [(f"/api/v1/suggest?q={word[:2]}", None) for word in middling + rare][:WAYS],
        "suggestion for a beginning": [(f"/api/v1/suggest?q={word[:4]}", None) for word in middling],
        "suggestion for a common word and a letter": [
            (f"/api/v1/suggest?q={a}+{b[0]}", None) for a, b in two(head, rare)
        ],
    }


def phrases(dice, least, most):
    """Two words that stand together in an entry, each in so large a share of all."""
    from findings.models import Finding
    from joinedup.search.analysis import stem
    from joinedup.search.models import Stem
    from joinedup.search.query import STOP_WORDS

    counted = dict(Stem.objects.values_list("stem", "entries"))
    total = counted[""]
    last, found = Finding.objects.order_by("-number").values_list("number", flat=True).first(), []
    while len(found) < WAYS:
        number = dice.randrange(1001, last + 1)
        words = Finding.objects.get(number=number).body.lower().replace(".", "").split()
        for pair in pairwise(words):
            shares = [counted.get(stem(word), 0) / total for word in pair]
            if all(least <= share <= most for share in shares) and not STOP_WORDS.intersection(pair):
                found.append(" ".join(pair))
                break
    return found


def bare(query, chosen):
    """The database's own query for the tokens of `query`, as somebody would write it who wants 20 rows and no more."""
    from django.db import connection

    from joinedup.search.backends import base, postgres, sqlite
    from joinedup.search.query import telling

    vendor = {"sqlite": sqlite, "postgresql": postgres}[connection.vendor]
    wanted = [base.facet_token(f"{name}={entry.code}") for name, entry in chosen.items()]
    for group in telling(query.groups):
        wanted.append(("any", [("all", alternative.tokens) for alternative in group.alternatives]))
    expression = ("all", wanted)
    if query.excluded:
        expression = ("not", expression, ("any", [alternative.tokens[0] for alternative in query.excluded]))
    match = base.spell(expression, *vendor.SPELLING)
    if vendor is sqlite:
        return "SELECT rowid FROM search_tokens WHERE search_tokens MATCH %s ORDER BY rowid DESC LIMIT 20", [match]
    return (
        "SELECT entry_id FROM search_tokens WHERE tokens @@ %s::tsquery ORDER BY entry_id DESC LIMIT 20",
        [match],
    )


def index_size():
    """Bytes of the tables of search, with their indexes."""
    from django.db import connection

    if connection.vendor == "sqlite":
        sql = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%%search\\_%%' ESCAPE '\\'"
        try:
            return fetch([sql])[0][0]
        except Exception:  # SQLite may be built without dbstat
            return 0
    tables = (
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' AND relname ~ '^search_'"
    )
    return fetch([tables])[0][0]


def show_profile(client, asked):
    import cProfile
    import pstats

    profile = cProfile.Profile()
    for ways in asked.values():
        for path, _ in ways:
            page(client, path)
        profile.enable()
        for path, _ in ways:
            page(client, path)
        profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
