"""How fast the desk is for a librarian: its first page, lists, searches and choosers, on either database.

    make bench-desk                                   5,000 findings and 20,000 sources on both
    make bench-desk ARGS="--database sqlite"

CPU ms of a request (the best of some rounds) in this process and in PostgreSQL's. What takes more than the goal is
marked. The last line tells what a bare Django view took meanwhile: times of another machine are to be compared by it.
"""

import argparse
import datetime
import itertools
import random
import subprocess
import sys

from measuring import measure
from sites import ROOT, add_options, site

SOURCES, DRAFTS, GOAL = 20_000, 300, 500
HEADERS = {"SERVER_NAME": "localhost"}
SEARCHED = ["F2345", "S14000", "work", "information sharing", "hudson 2002", "zebra"]


def main():
    parser = argparse.ArgumentParser(description="How fast the desk is, on a made-up collection.")
    add_options(parser, size=[5000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        run(options.rounds)
        return
    for database in options.database:
        for size in options.size:
            with site(database, size, options.keep) as environment:
                if environment:
                    command = [sys.executable, __file__, "--here", "--rounds", str(options.rounds)]
                    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def run(rounds):
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from serving import ask, bare_handler

    librarian = add_work()
    client = Client(**HEADERS)
    client.force_login(librarian)
    print(f"\n{connection.display_name}\n\n| CPU ms | of it ours | page |\n| ---: | ---: | --- |")
    for name, path in pages():
        taken = min((timed(client, path) for _ in range(rounds)), key=lambda times: times.cpu)
        print(f"| {taken.cpu:.0f} | {taken.own:.0f} | {name}{' **over**' if taken.cpu > GOAL else ''} |", flush=True)
    bare = bare_handler()
    ask(bare, "/healthz", {})
    print(f"| {min(measure(lambda: ask(bare, '/healthz', {})).cpu for _ in range(20)):.2f} | | a bare Django view |")


def timed(client, path):
    def get():
        response = client.get(path, secure=True)
        assert response.status_code in (200, 302), (response.status_code, path)

    return measure(get)


def add_work():
    """More sources, and what librarians do: drafts, some sent for review or sent back, checks that fall due, the log
    and the record of wordings. Gives a superuser who wrote half of the drafts."""
    import corpus
    from django.contrib.auth.models import User
    from django.contrib.contenttypes.models import ContentType
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    from curation.history import Revision
    from curation.log import LogEntry
    from findings.models import Finding
    from sources.models import Source

    dice = random.Random(1)
    anna, ben = (User.objects.create_superuser(name, password=None) for name in ("anna", "ben"))
    with transaction.atomic():
        first = corpus.FIRST_NUMBER + corpus.SOURCES
        corpus.make_sources(corpus.Writer(dice, ["trust"]), range(first, first + SOURCES - corpus.SOURCES))
        now, today = timezone.now(), timezone.localdate()
        for model in (Finding, Source):
            kind, entries = ContentType.objects.get_for_model(model), list(model.objects.order_by("pk"))
            for entry in entries:
                entry.review_due_on = today + datetime.timedelta(days=dice.randrange(-60, 700))
            for entry in entries[-DRAFTS:]:
                entry.status, entry.published_on = "draft", None
            for entry in entries[-DRAFTS // 2 :]:
                entry.status = "in-review"
            model.objects.bulk_update(entries, ["review_due_on", "status", "published_on"], batch_size=500)
            whose = itertools.cycle([anna, ben])
            about = [{"content_type": kind, "object_id": one.pk, "at": now, "by": next(whose)} for one in entries]
            Revision.objects.bulk_create([Revision(state={}, **one) for one in about], batch_size=1000)
            sent = [LogEntry(name="send-for-review", **one) for one in about]
            LogEntry.objects.bulk_create([*sent, *(LogEntry(name="send-back", **one) for one in about[-DRAFTS:-250])])
    call_command("migrate", verbosity=0)  # statistics of SQLite
    if connection.vendor == "postgresql":
        connection.cursor().execute("VACUUM ANALYZE")
    return anna


def pages():
    """(name, address) of each page of the desk that grows with what is held."""
    from django.contrib import admin
    from django.urls import reverse

    from findings.desk import CURATED
    from joinedup.deskpages import TASKS

    yield from [("first page", reverse("admin:index")), ("what falls due", reverse("admin:due"))]
    yield from [("iCalendar", reverse("admin:due_calendar")), ("log", reverse("admin:curation_logentry_changelist"))]
    for task in TASKS:
        if hasattr(task, "kinds"):
            for model in task.kinds:
                yield f"card “{task.title}”: list of {model._meta.verbose_name_plural}", task.list_url(model)
            if len(task.kinds) > 1:
                yield f"card “{task.title}”", reverse("admin:work", args=[task.name])
    for text in SEARCHED:
        yield f"find “{text}”", f"{reverse('admin:find')}?q={text}"
    for model in CURATED:
        place = f"{model._meta.app_label}_{model._meta.model_name}"
        held, address = admin.site.get_model_admin(model), reverse(f"admin:{place}_changelist")
        name = model._meta.verbose_name_plural
        yield f"list of {name}", address
        yield f"last page of {name}", f"{address}?p={(model.objects.count() - 1) // held.list_per_page + 1}"
        for column in range(1, 4):
            yield f"{name} by column {column}, descending", f"{address}?o=-{column}"
        for text in SEARCHED:
            yield f"{name} searched for “{text}”", f"{address}?q={text}"
        yield f"form of a new one of {name}", reverse(f"admin:{place}_add")
        yield f"form of one of {name}", reverse(f"admin:{place}_change", args=[model.objects.first().pk])
    for (kind, is_replacement), (holder, field) in chosen(CURATED).items():
        asked = f"app_label={holder._meta.app_label}&model_name={holder._meta.model_name}&field_name={field.name}"
        name = f"chooser of {'replacements among ' * is_replacement}{kind._meta.verbose_name_plural}"
        for text in ["", *SEARCHED]:
            yield f"{name}: “{text}”", f"{reverse('admin:autocomplete')}?{asked}&term={text}"


def chosen(kinds):
    """{(kind, whether as a replacement): (model, field)} of one chooser for each kind that is chosen somewhere."""
    from django.contrib import admin

    parts = [inline.model for kind in kinds for inline in admin.site.get_model_admin(kind).inlines]
    found = {}
    for holder in [*kinds, *parts]:
        for field in [*holder._meta.fields, *holder._meta.many_to_many]:
            if field.related_model in kinds and not (holder in parts and field.related_model is holder):
                found.setdefault((field.related_model, field.name == "replaced_by"), (holder, field))
    return found


if __name__ == "__main__":
    main()
