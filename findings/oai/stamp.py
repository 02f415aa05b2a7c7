"""When what harvesters are told of an entry last changed. The rows are written by `findings.oai.stamping`."""

from django.db import models
from django.db.models import Q


class StampQuerySet(models.QuerySet):
    def get_by_natural_key(self, letter, number):
        return self.get(letter=letter, number=number)

    def changed(self, since=None, until=None):
        """Those of changes from `since` to `until`, both included; None is without end."""
        bounds = {"changed_at__gte": since, "changed_at__lte": until}
        return self.filter(**{name: moment for name, moment in bounds.items() if moment})

    def after(self, changed_at, pk):
        """Those that come after a place in the order of changes."""
        return self.filter(Q(changed_at__gt=changed_at) | Q(pk__gt=pk), changed_at__gte=changed_at)


class Stamp(models.Model):
    """Of an entry that is or was public. It stays when the entry is withdrawn, merged into another, or gone."""

    letter = models.CharField(max_length=1)
    number = models.PositiveIntegerField()
    object_id = models.PositiveBigIntegerField()
    review = models.PositiveIntegerField(null=True, help_text="The code number of the review that it is part of.")
    theme = models.PositiveIntegerField(null=True, help_text="The code number of its theme.")
    digest = models.CharField(max_length=64, blank=True, help_text="Of its record; empty once it is not public.")
    changed_at = models.DateTimeField()

    objects = StampQuerySet.as_manager()

    class Meta:
        ordering = ["changed_at", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["letter", "number"], name="an_entry_has_one_stamp")]
        indexes = [
            models.Index(fields=["changed_at", "id"], name="stamps_in_order"),
            models.Index(fields=["letter", "changed_at", "id"], name="stamps_of_a_kind"),
            models.Index(fields=["review", "changed_at", "id"], name="stamps_of_a_review"),
            models.Index(fields=["theme", "changed_at", "id"], name="stamps_of_a_theme"),
            models.Index(fields=["letter", "object_id"], name="stamp_of_a_row"),
        ]

    def __str__(self):
        return f"{self.code} {self.changed_at:%Y-%m-%dT%H:%M:%SZ}"

    def natural_key(self):
        return (self.letter, self.number)

    @property
    def code(self):
        return f"{self.letter}{self.number}"

    @property
    def is_deleted(self):
        return not self.digest
