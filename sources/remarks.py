"""What an import remarked of a work: it stays with its source until somebody ticks it off."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from curation.imports.kinds import BY_MODEL
from curation.imports.models import Import


class RemarkQuerySet(models.QuerySet):
    def open(self):
        return self.filter(done_at=None)

    def keep(self, batch, remarks):
        """Keep what an import remarked, as (source, name of a field or nothing, message); what a source has stands
        there once."""
        made = [self.model(batch=batch, source=source, field=field, message=said) for source, field, said in remarks]
        self.bulk_create(made, batch_size=500, ignore_conflicts=True)

    def tick_off(self, by):
        return self.open().update(done_at=timezone.now(), done_by=by)


class Remark(models.Model):
    source = models.ForeignKey("sources.Source", models.CASCADE, related_name="remarks")
    batch = models.ForeignKey(Import, models.SET_NULL, null=True, related_name="+")
    field = models.CharField(max_length=30, blank=True, help_text="A field of the source; empty for all of it.")
    message = models.CharField(max_length=400)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "field", "message"], name="a_source_has_a_remark_once")
        ]
        indexes = [models.Index(fields=["source"], condition=models.Q(done_at=None), name="open_remarks")]

    def __str__(self):
        return f"{self.label}: {self.message}" if self.field else self.message

    @property
    def label(self):
        """What its field is called on the desk."""
        return BY_MODEL[type(self.source)].labels[self.field]
