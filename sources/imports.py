"""The record of each import: what the file said, what was chosen, and what is needed to undo it."""

from django.conf import settings
from django.db import models

from sources.bibliography.formats import FORMATS


class Batch(models.Model):
    """A file that was uploaded, and what became of it."""

    class Status(models.TextChoices):
        PREVIEW = "preview", "Not imported yet"
        APPLIED = "applied", "Imported"
        UNDONE = "undone", "Undone"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="by"
    )
    created_at = models.DateTimeField("uploaded", auto_now_add=True)
    applied_at = models.DateTimeField("imported", null=True, blank=True)
    undone_at = models.DateTimeField("undone", null=True, blank=True)
    filename = models.CharField("file", max_length=200)
    format = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status, default=Status.PREVIEW)
    record_count = models.PositiveIntegerField("records", default=0)
    created_count = models.PositiveIntegerField("created", default=0)
    updated_count = models.PositiveIntegerField("updated", default=0)
    problems = models.JSONField(default=list, help_text="[line, message, whether something was not read at all]")
    problem_count = models.PositiveIntegerField("problems in the file", default=0)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]
        default_permissions = ()

    def __str__(self):
        return self.filename


class ImportBatch(Batch):
    class Meta(Batch.Meta):
        verbose_name = "import of a bibliography"
        verbose_name_plural = "imports of bibliographies"

    @property
    def format_label(self):
        return FORMATS[self.format].label if self.format in FORMATS else self.format

    @property
    def has_unread_parts(self):
        return any(is_fatal for _, _, is_fatal in self.problems)


class Row(models.Model):
    """What a file says of one thing, and what is proposed for it."""

    class Match(models.TextChoices):
        NEW = "new", "New"
        SAME = "same", "Held already"
        MAYBE = "maybe", "Perhaps held already: please decide"

    position = models.PositiveIntegerField()
    record = models.JSONField()
    match = models.CharField(max_length=10, choices=Match, default=Match.NEW)
    differences = models.JSONField(default=list)
    faults = models.JSONField(default=list)

    class Meta:
        abstract = True
        ordering = ["batch", "position"]
        default_permissions = ()


class ImportRow(Row):
    """A record of a bibliography. `record` and `before` are as `sources.importing` writes them."""

    class Choice(models.TextChoices):
        CREATE = "create", "Create a new source"
        UPDATE = "update", "Update what is held"
        SKIP = "skip", "Skip"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(default=0)
    matched = models.ForeignKey("sources.Source", models.SET_NULL, null=True, related_name="+")
    repeats = models.PositiveIntegerField(null=True, help_text="The position of the same work further up in the file.")
    choice = models.CharField(max_length=10, choices=Choice, default=Choice.CREATE)
    overwrite = models.BooleanField(default=False)
    created = models.ForeignKey("sources.Source", models.SET_NULL, null=True, related_name="import_rows")
    updated = models.ForeignKey("sources.Source", models.SET_NULL, null=True, related_name="+")
    before = models.JSONField(null=True)
    state_after = models.CharField(max_length=64, blank=True)

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="import_rows_stand_in_order"),
        ]

    def __str__(self):
        return self.record.get("title") or f"Record in line {self.line}"
