"""The record of each import of entries: what the file said, what was chosen, and what is needed to undo it."""

from django.db import models

from sources.imports import Batch, Row


class EntryImport(Batch):
    keeps_status = models.BooleanField("keeps the status and dates of the file", default=False)
    tags_made = models.JSONField(default=list, help_text="ids of the tags that did not exist")

    class Meta(Batch.Meta):
        verbose_name = "import of entries"
        verbose_name_plural = "imports of entries"


class EntryImportRow(Row):
    """An entry of the file. `record`, `before` and `after` are as `findings.review_files.importing` writes them."""

    class Choice(models.TextChoices):
        CREATE = "create", "Create a new entry"
        UPDATE = "update", "Update what is held"
        SKIP = "skip", "Skip"

    batch = models.ForeignKey(EntryImport, models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=20)
    place = models.CharField(max_length=100)
    matched = models.PositiveBigIntegerField(null=True, help_text="id of the entry that is held")
    choice = models.CharField(max_length=10, choices=Choice, default=Choice.CREATE)
    created = models.PositiveBigIntegerField(null=True, help_text="id of the entry")
    updated = models.PositiveBigIntegerField(null=True, help_text="id of the entry")
    code = models.CharField(max_length=120, blank=True, help_text="what the entry is called here")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta(Row.Meta):
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="entry_import_rows_stand_in_order")]

    def __str__(self):
        return self.place
