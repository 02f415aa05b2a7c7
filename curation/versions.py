"""Public versions: each change of meaning makes one, and what an earlier one said stays for ever.

Version 1 is the wording first published. A minor correction makes none. The newest version is the entry itself; an
earlier one is kept as a state of `curation.history`, frozen when the next was made.
"""

from collections import defaultdict

from django.db import models
from django.utils import timezone

from curation.entries import parse_code


class VersionQuerySet(models.QuerySet):
    def of(self, *entries):
        numbers = defaultdict(list)
        for entry in entries:
            numbers[entry.LETTER].append(entry.number)
        wanted = models.Q(pk__in=[])
        for letter, some in numbers.items():
            wanted |= models.Q(letter=letter, number__in=some)
        return self.filter(wanted)

    def get_by_natural_key(self, code, version):
        letter, number = parse_code(code)
        return self.get(letter=letter, number=number, version=version)


class Version(models.Model):
    """A version that a later one has replaced, or the newest from version 2 on."""

    letter = models.CharField(max_length=1)
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    issued_on = models.DateField()
    note = models.TextField(blank=True, help_text="What changed, in the editors’ words.")
    state = models.JSONField(null=True, help_text="As curation.history writes it; empty while it is the entry itself.")

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["letter", "number", "-version"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["letter", "number", "version"], name="versions_of_an_entry_are_numbered"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="versions_are_numbered_from_one"),
        ]

    def __str__(self):
        return f"{self.code}v{self.version}"

    @property
    def code(self):
        return f"{self.letter}{self.number}"

    def natural_key(self):
        return (self.code, self.version)


def newest_version(entry):
    """The number of the version that an entry is now."""
    return newest_versions([entry]).get(entry.code, 1)


def newest_versions(entries):
    """Code -> number of the newest version, of those of `entries` that are past their first: one query."""
    rows = Version.objects.of(*entries).order_by().values_list("letter", "number").annotate(models.Max("version"))
    return {f"{letter}{number}": newest for letter, number, newest in rows}


def make_version(entry, before, note):
    """Freeze `before`, the state until now, and begin the next version; returns its number. Call in a transaction."""
    type(entry).objects.select_for_update(of=("self",)).get(pk=entry.pk)
    version = newest_version(entry)
    Version.objects.update_or_create(
        letter=entry.LETTER,
        number=entry.number,
        version=version,
        defaults={"state": before},
        create_defaults={"state": before, "issued_on": entry.published_on},
    )
    Version.objects.create(
        letter=entry.LETTER,
        number=entry.number,
        version=version + 1,
        issued_on=timezone.localdate(),
        note=note,
    )
    return version + 1
