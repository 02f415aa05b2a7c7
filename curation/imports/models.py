"""The record of each import: what the file said, what was chosen, and what is needed to undo it."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from curation.imports.filetypes import FILE_TYPES
from curation.imports.kinds import BY_MODEL


class Import(models.Model):
    """A file that was uploaded, and what became of it."""

    class Status(models.TextChoices):
        COLUMNS = "columns", "Waiting for its columns to be named"
        PREVIEW = "preview", "Not imported yet"
        APPLIED = "applied", "Imported"
        UNDONE = "undone", "Undone"

    class Keywords(models.TextChoices):
        ALL = "all", "all"
        KNOWN = "known", "those that are tags here"
        NONE = "none", "none"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="by"
    )
    created_at = models.DateTimeField("uploaded", auto_now_add=True)
    applied_at = models.DateTimeField("imported", null=True, blank=True)
    undone_at = models.DateTimeField("undone", null=True, blank=True)
    filename = models.CharField("file", max_length=200)
    type = models.CharField("type of file", max_length=20, help_text="A name in curation.imports.filetypes.")
    format = models.CharField(max_length=20)
    keeps_status = models.BooleanField("keeps the status and dates of the file", default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.PREVIEW)
    record_count = models.PositiveIntegerField("entries in the file", default=0)
    created_count = models.PositiveIntegerField("created", default=0)
    updated_count = models.PositiveIntegerField("updated", default=0)
    problems = models.JSONField(default=list, help_text="[place, message, whether something was not read at all]")
    problem_count = models.PositiveIntegerField("problems in the file", default=0)
    keywords = models.CharField(
        "keywords that become tags", max_length=10, choices=Keywords, default=Keywords.KNOWN, db_default="known"
    )
    keyword_counts = models.JSONField(default=dict, db_default={}, help_text="{one of Keywords: how many}")
    tags_made = models.JSONField(default=list, help_text="ids of the tags that did not exist")

    class Meta:
        ordering = ["-created_at", "-pk"]
        default_permissions = ()

    def __str__(self):
        return self.filename

    @property
    def file_type(self):
        return FILE_TYPES[self.type]

    @property
    def format_label(self):
        return self.file_type.formats.get(self.format, self.format)

    @property
    def has_columns(self):
        """Whether it is a table whose columns can still be named."""
        return ImportFile.objects.filter(batch=self).exists()

    @property
    def address(self):
        """Where on the desk it is looked at."""
        return reverse("admin:curation_import_change", args=[self.pk])


class ImportRowQuerySet(models.QuerySet):
    def follow_merge(self, kept, others):
        """Let what is noted of `others`, which were merged into `kept`, be noted of that."""
        kind = BY_MODEL.get(type(kept))
        for name in ["matched", "created", "updated"] if kind else ():
            rows = self.filter(**{"kind": kind.name, f"{name}__in": [other.pk for other in others]})
            rows.update(**{name: kept.pk})


class ImportRow(models.Model):
    """What a file says of one entry, what is proposed for it, and what was done.

    Entries are named by kind and id: they are of many tables, and may be gone.
    """

    class Match(models.TextChoices):
        NEW = "new", "New"
        SAME = "same", "Held already"
        MAYBE = "maybe", "Perhaps held already: please decide"

    class Choice(models.TextChoices):
        CREATE = "create", "Add it"
        FILL = "fill", "Fill our gaps"
        UPDATE = "update", "Take what the file says"
        SKIP = "skip", "Leave it out"

    batch = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, help_text="A name in curation.imports.kinds.")
    place = models.CharField(max_length=100)
    record = models.JSONField(help_text="{key: value} of what the file says")
    remarks = models.JSONField(default=list, db_default=[], help_text="[key or nothing, message]")
    match = models.CharField(max_length=10, choices=Match, default=Match.NEW)
    matched = models.PositiveBigIntegerField(null=True, help_text="id of the entry that is held")
    repeats = models.PositiveIntegerField(null=True, help_text="The position of the same work further up in the file.")
    differences = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    choice = models.CharField(max_length=10, choices=Choice, default=Choice.CREATE)
    created = models.PositiveBigIntegerField(null=True, help_text="id of the entry")
    updated = models.PositiveBigIntegerField(null=True, help_text="id of the entry")
    code = models.CharField(max_length=120, blank=True, help_text="what the entry is called here")
    before = models.JSONField(null=True, help_text="as curation.imports.undoing writes it")
    after = models.JSONField(null=True, help_text="{key: value} of what the entry said then, or of what changed in it")

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "position"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="import_rows_stand_in_order")]

    def __str__(self):
        return self.place


class ImportFile(models.Model):
    """A table as it was uploaded, kept until it is imported, so that its columns can be named and named anew."""

    batch = models.OneToOneField(Import, models.CASCADE, primary_key=True, related_name="file")
    data = models.BinaryField()
    columns = models.JSONField(help_text="[heading, first value, field or null if it is not known]")
    mapping = models.JSONField(null=True, help_text="{heading: field}, once somebody said it")

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"columns of {self.batch}"


class ImportRun(models.Model):
    """A long act on an import, done by a process of its own (`curation.imports.running`). It is gone when the act is
    done, and stays with `refused` when it was not."""

    class Act(models.TextChoices):
        APPLY = "apply", "being imported"
        PUBLISH = "publish", "being imported and published"
        UNDO = "undo", "being undone"

    batch = models.OneToOneField(Import, models.CASCADE, related_name="run")
    act = models.CharField(max_length=10, choices=Act)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    refused = models.JSONField(null=True, help_text="why nothing was done, in sentences")
    # Those of PostgreSQL; with SQLite a file has them.
    share = models.FloatField("how much is done, from 0 to 1", default=0)
    told_at = models.DateTimeField(default=timezone.now)
    is_to_stop = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"{self.batch} is {self.get_act_display()}"
