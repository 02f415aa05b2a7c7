"""What readers of an entry must know of the works it rests on: that one was retracted, is in doubt or was corrected.

`Cautions.of` decides it, for pages, lists, files and the API alike. Few works are ever retracted, so all that rests on
such a work is looked up at once: the same few queries for one entry and for a thousand.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef

from findings.models import Citation, Finding, KeyMessage, PracticeImplication, Review, Theme
from sources.models import Source
from sources.notices import GRAVEST_FIRST, Kind, in_words, told


@dataclass(frozen=True)
class Caution:
    """A work, what was said of it since it came out, gravest first, and the codes of the findings that cite it, where
    an entry rests on it by way of these."""

    work: Source
    notices: tuple
    through: tuple = ()

    @property
    def kind(self):
        return Kind(self.notices[0].kind)

    @property
    def is_grave(self):
        return self.kind != Kind.CORRECTED

    @property
    def words(self):
        """In a line: “Retracted: Hudson (2002). Retracted 4 March 2021. Made up.”"""
        return f"{self.kind.label}: {self.work.short_citation}. {' '.join(map(in_words, self.notices))}"


class Cautions:
    """Asks the database once, when somebody first wants to know."""

    def of(self, entry):
        """The Cautions of an entry of any kind, gravest first. Of a source, what was said of itself."""
        if isinstance(entry, Source):
            return [self.works[entry.pk]] if entry.pk in self.works else []
        if isinstance(entry, Finding):
            return self._of_findings.get(entry.pk, [])
        return self._of(type(entry)).get(entry.pk, []) if type(entry) in THROUGH else []

    def in_short(self, entry):
        """For lists: “Rests on a retracted work: Hudson (2002)”; of a source, “Retracted 4 March 2021”. Empty if there
        is nothing to tell."""
        found = self.of(entry)
        if not found:
            return ""
        if isinstance(entry, Source):
            return in_words(found[0].notices[0]).split(".")[0]
        gravest = [caution for caution in found if caution.kind == found[0].kind]
        named = ", ".join(caution.work.short_citation for caution in gravest)
        return f"{gravest[0].kind.rests_on(len(gravest))}: {named}"

    def is_grave(self, entry):
        return any(caution.is_grave for caution in self.of(entry))

    def notice_of(self, work):
        """What goes with the reference of a source, in a line."""
        return " ".join(in_words(notice) for caution in self.of(work) for notice in caution.notices)

    @cached_property
    def works(self):
        """{pk: Caution} of all works of which something was said since."""
        if not (ids := list(Source.objects.told_of_since())):
            return {}
        sources = Source.objects.filter(pk__in=[pk for (pk,) in ids]).with_contributors().with_notices()
        return {source.pk: Caution(source, tuple(told(source))) for source in sources}

    @cached_property
    def _of_findings(self):
        if not self.works:
            return {}
        cited = Citation.objects.shown_sources().filter(source__in=list(self.works)).order_by()
        return self._sorted({(finding, source): () for finding, source in cited.values_list("finding", "source")})

    def _of(self, model):
        """{pk: [Caution]} of the entries of a kind, through their published findings."""
        if not self._of_findings:
            return {}
        if model not in self._through:
            field = THROUGH[model]
            findings = Finding.objects.published().filter(pk__in=list(self._of_findings)).order_by("number")
            found = defaultdict(tuple)
            for finding, code, entry in findings.exclude(**{field: None}).values_list("pk", "number", field):
                for caution in self._of_findings[finding]:
                    found[entry, caution.work.pk] += (f"{Finding.LETTER}{code}",)
            self._through[model] = self._sorted(found)
        return self._through[model]

    @cached_property
    def _through(self):
        return {}

    def _sorted(self, found):
        """{entry: [Caution]} from {(entry, work): codes of the findings between them}."""
        cautions = defaultdict(list)
        for (entry, work), codes in found.items():
            caution = self.works[work]
            cautions[entry].append(Caution(caution.work, caution.notices, codes))
        for some in cautions.values():
            some.sort(key=lambda caution: (GRAVEST_FIRST.index(caution.kind), caution.work.number))
        return dict(cautions)


# How an entry is reached from a finding.
THROUGH = {PracticeImplication: "implications", KeyMessage: "key_messages", Theme: "theme", Review: "review"}


def load(entries):
    """Let each of `entries`, of any kinds, hold its cautions: a few queries for all."""
    cautions = Cautions()
    for entry in entries:
        entry.cautions = cautions.of(entry)


def words(entry):
    """The cautions of an entry as text, a line for each work, or each notice about a source. For several, `load`
    first."""
    if isinstance(entry, Source):
        return "\n".join(in_words(notice) for caution in held_by(entry) for notice in caution.notices)
    return "\n".join(caution.words for caution in held_by(entry))


def held_by(entry):
    """The Cautions of an entry. For several, `load` first."""
    if not hasattr(entry, "cautions"):
        load([entry])
    return entry.cautions


def resting_on_retracted(entries):
    return resting_on(entries, Source.objects.filter(retracted_on__isnull=False))


def resting_on_unconfirmed(entries):
    """Those that rest on a work of whose record nobody has checked anything."""
    return resting_on(entries, Source.objects.published().filter(checked=""))


def resting_on(entries, works):
    """Of a QuerySet of findings or practice points, those that rest on one of `works`."""
    cited = Citation.objects.shown_sources().filter(source__in=works.order_by().values("pk"))
    if entries.model is Finding:
        return entries.filter(Exists(cited.filter(finding=OuterRef("pk"))))
    links = entries.model.findings.through.objects.filter(
        finding__status="published", finding__in=cited.order_by().values("finding")
    )
    return entries.filter(Exists(links.filter(**{entries.model._meta.model_name: OuterRef("pk")})))
