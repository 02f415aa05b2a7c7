"""The filters of the list of findings: read from the address, counted, and written back into addresses."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Value
from taggit.models import Tag

from findings.choices import EvidenceBasis, Stance, WengerElement
from findings.models import Citation, Finding, PracticeImplication, Review, TaggedFinding, Theme
from sources.models import Source, StudyDesign

SORTS = {
    "theme": ("Theme", ["theme__number", "number"]),
    "newest": ("Newest first", ["-published_on", "-number"]),
    "check-due": ("Check due first", ["review_due_on", "number"]),
}
OPTIONS_SHOWN = 12


def under_element(elements):
    """Findings that a published practice point of one of these elements rests on."""
    points = PracticeImplication.objects.published().filter(element__in=elements)
    links = PracticeImplication.findings.through.objects.filter(practiceimplication__in=points)
    return Q(Exists(links.filter(finding=OuterRef("pk"))))


def resting_on(bases):
    """`Finding.evidence_basis`, said to the database."""
    named = Citation.objects.shown_sources().filter(finding=OuterRef("pk"))
    names_any = Q(Exists(named))
    names_systematic = Q(Exists(named.filter(source__study_design=StudyDesign.SYSTEMATIC_REVIEW)))
    meaning = {
        EvidenceBasis.SYSTEMATIC_REVIEW: names_systematic,
        EvidenceBasis.NAMED_SOURCE: names_any & ~names_systematic,
        EvidenceBasis.REVIEW_ONLY: ~names_any,
    }
    chosen = Q(pk__in=[])
    for basis in bases:
        chosen |= meaning[basis]
    return chosen


def tagged(slugs):
    return Q(Exists(TaggedFinding.objects.filter(content_object=OuterRef("pk"), tag__slug__in=slugs)))


def citing(slugs):
    citations = Citation.objects.filter(source__slug__in=slugs, source__in=Source.objects.published())
    return Q(Exists(citations.filter(finding=OuterRef("pk"))))


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    legend: str
    options: list


FACETS = {
    "stance": ("Stance", lambda values: Q(stance__in=values)),
    "theme": ("Theme", lambda values: Q(theme__slug__in=values)),
    "element": ("Practice element", under_element),
    "basis": ("What it rests on", resting_on),
    "tag": ("Tag", tagged),
    "source": ("Source", citing),
    "review": ("Review", lambda values: Q(review__slug__in=values)),
}
FIXED = {"stance": Stance, "element": WengerElement, "basis": EvidenceBasis}
STORED = {
    "theme": lambda: Theme.objects.published(),
    "tag": lambda: Tag.objects.all(),
    "source": lambda: Source.objects.published(),
    "review": lambda: Review.objects.published(),
}


def known(asked):
    """Those of the values asked of each facet that there are: at most one query. `asked` maps facets to values."""
    # A null byte is no part of any name, and PostgreSQL refuses it.
    clean = {name: [value for value in values if "\0" not in value] for name, values in asked.items()}
    held = {name: set(FIXED[name].values) if name in FIXED else set() for name in asked}
    lookups = [
        STORED[name]().filter(slug__in=values).order_by().values_list(Value(name), "slug")
        for name, values in clean.items()
        if values and name in STORED
    ]
    if lookups:
        for name, slug in lookups[0].union(*lookups[1:], all=True):
            held[name].add(slug)
    return {name: [value for value in values if value in held[name]] for name, values in clean.items()}


class FindingFilters:
    """What a reader asked of the list of findings.

    `params` is a QueryDict. `chosen` maps each facet to the known values asked for; what is not known is left out and
    told in `notices`, in sentences for the reader.
    """

    def __init__(self, params):
        self.params = params
        self.notices = []
        self.sort = params.get("sort") or "theme"
        if self.sort not in SORTS:
            self.notices.append(f"Findings cannot be sorted by “{self.sort[:40]}”, so they stand in order of theme.")
            self.sort = "theme"
        self.chosen = self._known(
            {name: list(dict.fromkeys(filter(None, params.getlist(name))))[:50] for name in FACETS}
        )
        counts = self._counts()
        self.total = counts.pop("total")
        self._counted = counts

    @property
    def findings(self):
        return Finding.objects.published().filter(self._narrowed()).order_by(*SORTS[self.sort][1])

    @property
    def any_chosen(self):
        return any(self.chosen.values())

    def facets(self):
        """Every facet with the options that would find something under the other facets, and those chosen."""
        options = {
            name: [
                Option(value, label, self._counted[f"{name}:{value}"], value in self.chosen[name])
                for value, label in choices.choices
            ]
            for name, choices in FIXED.items()
        }
        options |= {name: self._linked_options(name) for name in ["theme", "tag", "source", "review"]}
        shown = {name: [option for option in options[name] if option.count or option.chosen] for name in FACETS}
        if len(shown["review"]) < 2 and not self.chosen["review"]:
            shown["review"] = []
        self.labels = {(name, option.value): option.label for name in FACETS for option in options[name]}
        return [Facet(name, legend, shown[name]) for name, (legend, _) in FACETS.items() if shown[name]]

    def removals(self):
        """For each chosen value: the facet's legend, the value's label, and the query string without it."""
        for name, values in self.chosen.items():
            for value in values:
                params = self.params.copy()
                params.setlist(name, [other for other in values if other != value])
                params.pop("page", None)
                yield FACETS[name][0], self.labels.get((name, value), value), params.urlencode()

    def _known(self, asked):
        chosen = known(asked)
        for name, values in asked.items():
            for value in values:
                if value not in chosen[name]:
                    shown = value[:40].replace("\0", "�")
                    self.notices.append(
                        f"There is no {FACETS[name][0].lower()} “{shown}”, so that filter was left out."
                    )
        return chosen

    def _narrowed(self, but=None):
        narrowed = Q()
        for name, values in self.chosen.items():
            if values and name != but:
                narrowed &= FACETS[name][1](values)
        return narrowed

    def _counts(self):
        aggregates = {"total": Count("pk", filter=self._narrowed())}
        for name, choices in FIXED.items():
            others = self._narrowed(but=name)
            for value in choices.values:
                aggregates[f"{name}:{value}"] = Count("pk", filter=others & FACETS[name][1]([value]))
        return Finding.objects.published().aggregate(**aggregates)

    def _linked_options(self, name):
        under = Finding.objects.published().filter(self._narrowed(but=name)).values("pk")
        if name == "theme":
            rows = (
                Theme.objects.published().annotate(n=Count("findings", filter=Q(findings__in=under))).order_by("number")
            )
            return self._options(name, [(theme.slug, theme.name, theme.n) for theme in rows])
        if name == "review":
            rows = (
                Review.objects.published()
                .annotate(n=Count("findings", filter=Q(findings__in=under)))
                .order_by("number")
            )
            return self._options(name, [(review.slug, review.title, review.n) for review in rows])
        if name == "tag":
            link = "findings_taggedfinding_items"
            rows = Tag.objects.annotate(n=Count(link, filter=Q(**{f"{link}__content_object__in": under})))
            rows = rows.filter(Q(n__gt=0) | Q(slug__in=self.chosen["tag"])).order_by("-n", "name")
            return self._options(name, [(tag.slug, tag.name, tag.n) for tag in rows])
        rows = (
            Source.objects.published()
            .annotate(n=Count("citations__finding", filter=Q(citations__finding__in=under), distinct=True))
            .filter(Q(n__gt=0) | Q(slug__in=self.chosen["source"]))
            .order_by("-n", "number")
            .with_contributors()
        )
        return self._options(name, [(source.slug, source.short_citation, source.n) for source in rows])

    def _options(self, name, rows):
        """The first `OPTIONS_SHOWN`, and any other that is chosen."""
        options = [Option(value, label, n, value in self.chosen[name]) for value, label, n in rows]
        return [option for i, option in enumerate(options) if i < OPTIONS_SHOWN or option.chosen]
