"""Pairs of sources that look like one work and are not."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone


class DifferentQuerySet(models.QuerySet):
    def pairs(self):
        """Every pair, as a set of frozensets of two ids."""
        return {frozenset(pair) for pair in self.values_list("one", "other")}

    def get_by_natural_key(self, one, other):
        sources = self.model._meta.get_field("one").related_model.objects
        return self.get(one=sources.get_by_natural_key(one), other=sources.get_by_natural_key(other))


class Different(models.Model):
    """A librarian looked at two sources and said that they are not the same work."""

    one = models.ForeignKey("sources.Source", models.CASCADE, related_name="+")
    other = models.ForeignKey("sources.Source", models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = DifferentQuerySet.as_manager()

    class Meta:
        verbose_name = "pair told apart"
        verbose_name_plural = "pairs told apart"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(one=F("other")), name="a_source_does_not_differ_from_itself"),
            models.UniqueConstraint(
                Least("one", "other"), Greatest("one", "other"), name="two_sources_are_told_apart_once"
            ),
        ]

    def __str__(self):
        return f"{self.one.code} ≠ {self.other.code}"

    def natural_key(self):
        return (*self.one.natural_key(), *self.other.natural_key())

    natural_key.dependencies = ["sources.source"]
