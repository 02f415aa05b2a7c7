"""How fast search is: whole result pages, on a made-up collection, on either database, beside two others.

    make bench-search                                            1,000 and 100,000 findings on both
    make bench-search ARGS="--size 100000 --database postgresql"

Each kind of query is asked in 20 ways, each as often as there are rounds; the best time of each way counts. `page` is
wall-clock ms of the whole request through the view, `cpu` the CPU ms of it in this process and in PostgreSQL's. Beside
them, in the same run and on the same findings: on SQLite the page of Datasette with its search and the same facets
(installed for the occasion, from PyPI), on PostgreSQL the database's own search: 20 rows by `ts_rank` over a stored
vector, and their number. `ratio` is our CPU ms by theirs. The last line tells what a bare Django view took meanwhile:
times of another hour, or of another machine, are to be compared by it.
"""

import argparse
import gc
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

from measuring import measure, quantile
from serving import ask, bare_handler
from sites import ROOT, add_options, site

WAYS = 20
DATASETTE = "datasette==0.65.5"


def main():
    parser = argparse.ArgumentParser(description="How fast search is, on a made-up collection.")
    add_options(parser, size=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", metavar="KIND", help="print where the time goes for the kinds of this name")
    parser.add_argument("--alone", action="store_true", help="leave out Datasette and PostgreSQL's own search")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        run(options.size[0], options.rounds, options.profile, options.alone)
        return
    for database in options.database:
        for size in options.size:
            with site(database, size, options.keep) as environment:
                if environment:
                    command = [sys.executable, __file__, "--here", "--size", str(size), "--rounds", str(options.rounds)]
                    command += ["--profile", options.profile] if options.profile else []
                    command += ["--alone"] if options.alone else []
                    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def run(size, rounds, profile, alone):
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    settings.MIDDLEWARE.remove("joinedup.caching.middleware.PageCache")  # each is answered anew
    files = [path for path in Path(settings.SEARCH_INDEX_DIR).rglob("*") if path.is_file()]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    print(f"\n{connection.display_name}, {size:,} findings, index {megabytes:.0f} MB\n")
    gc.collect()
    client = Client(SERVER_NAME="localhost")
    asked = queries()
    if profile:
        show_profile(client, {kind: ways for kind, ways in asked.items() if re.search(profile, kind)})
    with tempfile.TemporaryDirectory(prefix="joined-up-bench-") as folder:
        name, other = ("", None) if alone else beside(connection.vendor, Path(folder))
        table(client, asked, rounds, name, other)
    saves()
    rebuild(client, asked["middling word"])


def table(client, asked, rounds, name, other):
    heads = ["kind of query", "page p50", "p95", "cpu p50", "p95", f"{name} p50", "p95", "ratio"]
    print("|", " | ".join(heads if other else heads[:5]), "|")
    print("|", " | ".join(["---"] * (8 if other else 5)), "|")
    bare_view, taken = bare_handler(), []
    for kind, ways in asked.items():
        taken += [measure(lambda: ask(bare_view, "/healthz", {})).own for _ in range(WAYS)]
        pages = [[measure(lambda path=path: page(client, path)) for path, _ in ways] for _ in range(rounds)]
        wall, cpu = best(pages, "wall"), best(pages, "cpu")
        row = [f"{quantile(times, share):.1f}" for times in (wall, cpu) for share in (0.5, 0.95)]
        texts = [text for _, text in ways if text]
        if other:
            theirs = other(texts, rounds) if texts else []
            row += [f"{quantile(theirs, share):.1f}" for share in (0.5, 0.95)] if theirs else ["–", "–"]
            row.append(f"{sum(cpu) / sum(theirs):.2f}" if theirs else "–")
        print("|", " | ".join([kind, *row]), "|", flush=True)
    print(f"\nA bare Django view took {quantile(taken, 0.5):.2f} CPU ms meanwhile.")


def best(measured, which):
    """For each way to ask, the least of all rounds."""
    return [min(getattr(times, which) for times in way) for way in zip(*measured, strict=True)]


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response


def saves():
    """What a save takes in its transaction for the log that the index follows, and the first search after it."""
    from django.db import transaction

    from curation import changelog
    from findings.models import Finding
    from joinedup.search import index

    follow, changelog.followers[:] = list(changelog.followers), []
    taken, searched = [], []
    for finding in Finding.objects.order_by("-number")[:WAYS]:
        with transaction.atomic():
            taken.append(measure(lambda finding=finding: changelog.record(Finding, [finding.pk])))
        searched.append(measure(index.snapshot))
    changelog.followers[:] = follow
    logged, own, wall = [t.wall for t in taken], [t.own for t in searched], [t.wall for t in searched]
    print(f"\nA save: {quantile(logged, 0.5):.2f} ms for the log in its transaction, p95 {quantile(logged, 0.95):.2f};")
    print(f"the search after it follows in {quantile(own, 0.5):.0f} CPU ms, {quantile(wall, 0.5):.0f} on the clock.")


def rebuild(client, ways):
    """The index made anew by another process while this one searches."""
    made = subprocess.Popen([sys.executable, "manage.py", "rebuild_search_index", "--verbosity", "0"], cwd=ROOT)
    started, waited = time.monotonic(), []
    while made.poll() is None:
        for path, _ in ways:
            waited.append(measure(lambda path=path: page(client, path)).wall)
    assert made.returncode == 0
    took, slow = time.monotonic() - started, quantile(waited, 0.95)
    print(f"The index was made anew in {took:.0f} s; meanwhile {len(waited)} searches took {slow:.0f} ms at p95.")


def queries():
    """Kind -> `WAYS` ways to ask: the address of a page and its words, or "" where others know no such question."""
    from corpus import COMMON, words

    from findings.models import TermLabel, Theme
    from joinedup.search.analysis import stem
    from joinedup.search.query import STOP_WORDS

    dice = random.Random(2)
    rare, middling = words(dice, WAYS, 0.00005, 0.0005), words(dice, WAYS, 0.005, 0.02)
    head = [word for word in COMMON if word not in STOP_WORDS][:WAYS]
    rare_phrases, common_phrases = phrases(dice, 0, 0.02), phrases(dice, 0.3, 1)
    labels = dice.sample(list(TermLabel.objects.filter(kind="also-called").order_by("pk")), WAYS)
    themes = list(Theme.objects.filter(slug__startswith="bench-").order_by("number"))[:WAYS]

    def ask(texts, others_know=True, **filters):
        ways = []
        for i, text in enumerate(texts):
            chosen = {name: values[i % len(values)] for name, values in filters.items()}
            address = {"q": text, **{name: entry.slug for name, entry in chosen.items()}}
            ways.append((f"/search/?{urlencode(address)}", text if others_know and not filters else ""))
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
        "mistyped word": ask([mistyped(word) for word in long], others_know=False),
        "beginning of a word": ask([f"{word[:5]}*" for word in middling], others_know=False),
        "common word in a theme": ask(head, theme=themes),
        "two common words in a theme": ask([f"{a} {b}" for a, b in two(head, head)], theme=themes),
        "rare word in a theme": ask(rare, theme=themes),
        "either of two common words": ask([f"{a} OR {b}" for a, b in two(head, head)]),
        "common word without another": ask([f"{a} -{b}" for a, b in two(head, head)], others_know=False),
        "twenty words, common and rare": ask([" ".join(dice.sample(rare + middling + head, 20)) for _ in head]),
        "common word, newest first": [(f"{path}&sort=newest", "") for path, _ in ask(head)],
        "theme alone": ask([""] * WAYS, theme=themes),
        "suggestion for two letters": [(f"/api/v1/suggest?q={word[:2]}", "") for word in middling + rare][:WAYS],
        "suggestion for a beginning": [(f"/api/v1/suggest?q={word[:4]}", "") for word in middling],
        "suggestion for a common word and a letter": [
            (f"/api/v1/suggest?q={a}+{b[0]}", "") for a, b in two(head, rare)
        ],
    }


def phrases(dice, least, most):
    """Two words that stand together in an entry, each in so large a share of all."""
    from findings.models import Finding
    from joinedup.search import index
    from joinedup.search.analysis import stem
    from joinedup.search.query import STOP_WORDS

    snapshot, _ = index.snapshot()
    last, found = Finding.objects.order_by("-number").values_list("number", flat=True).first(), []
    while len(found) < WAYS:
        number = dice.randrange(1001, last + 1)
        words = Finding.objects.get(number=number).body.lower().replace(".", "").split()
        for pair in pairwise(words):
            shares = [snapshot.holding(stem(word)) / snapshot.entries for word in pair]
            if all(least <= share <= most for share in shares) and not STOP_WORDS.intersection(pair):
                found.append(" ".join(pair))
                break
    return found


# The others: a name, and what gives the CPU ms of each of some texts


def beside(vendor, folder):
    return ("ts_rank", postgres_search()) if vendor == "postgresql" else ("Datasette", datasette_search(folder))


def rows():
    """What of each finding the others search: number, heading, text, stance, theme."""
    from findings.models import Finding

    found = Finding.objects.order_by("number").values_list(
        "number", "heading", "bottom_line", "body", "stance", "theme"
    )
    for number, heading, line, body, stance, theme in found.iterator(chunk_size=2000):
        yield number, heading, f"{line}\n{body}", stance, theme


def datasette_search(folder):
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-qqq", DATASETTE], check=True)
    with closing(sqlite3.connect(folder / "findings.db")) as database:
        database.executescript(
            "CREATE TABLE findings (number INTEGER PRIMARY KEY, heading TEXT, text TEXT, stance TEXT, theme INTEGER);"
            "CREATE VIRTUAL TABLE findings_fts USING FTS5"
            " (heading, text, content=findings, content_rowid=number, tokenize='porter unicode61');"
        )
        database.executemany("INSERT INTO findings VALUES (?, ?, ?, ?, ?)", rows())
        database.execute("INSERT INTO findings_fts (findings_fts) VALUES ('rebuild')")
        database.commit()

    def search(texts, rounds):
        asked = [{"_search": text, "_facet": ["stance", "theme"], "_size": 20} for text in texts]
        addresses = "\n".join(f"/findings/findings?{urlencode(one, doseq=True)}" for one in asked)
        program = [python, Path(__file__).with_name("datasette_search.py"), folder / "findings.db"]
        told = subprocess.run(program, input=addresses, text=True, capture_output=True, check=True)
        return [float(line) for line in told.stdout.split()]

    return search


def postgres_search():
    from django.db import connection
    from psycopg2.extras import execute_values

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE UNLOGGED TABLE searched (number integer PRIMARY KEY, heading text, text text, vector tsvector"
            " GENERATED ALWAYS AS (setweight(to_tsvector('english', heading), 'A')"
            " || setweight(to_tsvector('english', text), 'B')) STORED)"
        )
        execute_values(cursor.cursor, "INSERT INTO searched VALUES %s", [row[:3] for row in rows()])
        cursor.execute("CREATE INDEX ON searched USING gin (vector)")
        cursor.execute("ANALYZE searched")

    def once(text):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT number, heading, ts_rank(vector, query), count(*) OVER () FROM searched,"
                " websearch_to_tsquery('english', %s) query WHERE vector @@ query ORDER BY 3 DESC LIMIT 20",
                [text],
            )
            cursor.fetchall()

    return lambda texts, rounds: best(
        [[measure(lambda text=text: once(text)) for text in texts] for _ in range(rounds)], "cpu"
    )


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
