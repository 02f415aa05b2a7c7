from django.db import models


class IndexEntry(models.Model):
    """One public entry as the search sees it. The four fields hold tokens (`analysis.field_text`), not text to read.

    `names` holds, between bars, the tokens of everything that names the entry: its code, its heading, a source's
    authors and year. `facets` holds ``name=value`` words. The backend keeps the database's own index over the tokens.
    """

    kind = models.CharField(max_length=20)
    object_id = models.PositiveBigIntegerField()
    code = models.CharField(max_length=12, blank=True)
    names = models.TextField()
    heading = models.TextField()
    summary = models.TextField()
    labels = models.TextField()
    body = models.TextField()
    facets = models.TextField()
    date = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="an_entry_is_indexed_once")]

    def __str__(self):
        return f"{self.kind} {self.object_id}"


class Stem(models.Model):
    """How many public entries hold a token. The row "" counts all entries."""

    stem = models.CharField(max_length=60, primary_key=True)
    entries = models.IntegerField(default=0)

    def __str__(self):
        return self.stem


class Word(models.Model):
    """A word as it is written in public entries, for spelling and for completing what is typed."""

    word = models.CharField(max_length=60, primary_key=True)
    stem = models.CharField(max_length=60)

    def __str__(self):
        return self.word


class Misspelling(models.Model):
    """A word with one letter left out, or none: two words one slip apart share one."""

    text = models.CharField(max_length=60)
    word = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "word"], name="a_misspelling_of_a_word_stands_once")]

    def __str__(self):
        return f"{self.text} → {self.word}"


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
