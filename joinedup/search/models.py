from django.db import models


class MissedSearch(models.Model):
    """A search that found little, counted by its words and the day; nothing about who searched."""

    text = models.CharField(max_length=200)
    day = models.DateField()
    times = models.PositiveIntegerField(default=0)
    results = models.PositiveIntegerField("results last time", default=0)

    class Meta:
        ordering = ["-day", "-times", "text"]
        verbose_name_plural = "missed searches"
        constraints = [models.UniqueConstraint(fields=["text", "day"], name="a_missed_search_is_counted_by_day")]

    def __str__(self):
        return self.text
