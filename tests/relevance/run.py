"""How well search answers judged queries over the SIGNPOSTS review: nDCG@10 through /api/v1/search, misses listed.

A line of a file of queries: the query, its kind, and the entries that answer it with a grade (2 answers, 1 related),
parted by tabs: ``team building<TAB>words<TAB>F3:2,F22:1``. A query of the kind ``none`` has no answer here: what counts
is whether the search says so, and it stays out of the mean.

Järvelin, K. and Kekäläinen, J. (2002) Cumulated gain-based evaluation of IR techniques; gain 2^grade - 1.
"""

import os
import sys
from collections import defaultdict
from math import log2
from pathlib import Path

import django

HERE = Path(__file__).parent
AT = 10
MISS = 0.7


def read(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith(("#", "query\t")):
            text, kind, judged = line.split("\t")[:3]
            grades = dict(pair.split(":") for pair in judged.split(",") if pair)
            yield text, kind, {code: int(grade) for code, grade in grades.items()}


def gain(grades):
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:AT]))


def ndcg(found, grades):
    return gain([grades.get(code, 0) for code in found]) / gain(sorted(grades.values(), reverse=True))


def main(paths):
    sys.path.insert(0, str(HERE.parent.parent))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    call_command("load_if_empty", "signposts", verbosity=0)
    client, by_kind, without = Client(headers={"host": "localhost"}), defaultdict(list), []
    said_of_others = corrected = 0
    for path in paths:
        for text, kind, grades in read(path):
            answer = client.get("/api/v1/search", {"q": text, "limit": AT}).json()
            found = [result["code"] for result in answer["results"]]
            matches_all = answer["query"].get("matches_all", bool(found))
            if not grades:
                without.append(matches_all)
                continue
            if not matches_all:
                said_of_others += 1
                print(f"      {text}  [{kind}] was told that nothing matches all of it")
            if answer["query"]["corrected"]:
                corrected += 1
                print(f"      {text}  [{kind}] was corrected to {answer['query']['text']}")
            score = ndcg(found, grades)
            by_kind[kind].append(score)
            if score < MISS:
                wanted = ", ".join(f"{code} ({grade})" for code, grade in grades.items())
                got = ", ".join(filter(None, found)) or "nothing"
                print(f"{score:.2f}  {text}  [{kind}] wanted {wanted}; found {got}")
    print()
    for kind, scores in by_kind.items():
        print(f"{kind:12} {sum(scores) / len(scores):.3f}  ({len(scores)} queries)")
    scores = [score for kind in by_kind.values() for score in kind]
    print(f"{'all':12} {sum(scores) / len(scores):.3f}  ({len(scores)} queries), mean nDCG@{AT}")
    print(f"{corrected} were corrected; of {said_of_others} it was said that nothing matches all of it")
    if without:
        print(f"without an answer here: {len(without)}, and it was said of {len(without) - sum(without)}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [HERE / "queries.tsv"])
