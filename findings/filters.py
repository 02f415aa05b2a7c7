"""The filters of the list of findings: read from the address, counted, and written back into addresses."""

from collections import Counter, defaultdict
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, Value
from taggit.models import Tag

from curation.entries import Status
from curation.facets import Facet, Option, with_values
from findings.choices import EvidenceBasis, Stance, WengerElement
from findings.models import Citation, Finding, PracticeImplication, Review, TaggedFinding, Theme, basis_of
from sources.models import Source, StudyDesign

SORTS = {
    "theme": ("Theme", ["theme__number", "number"]),
    "newest": ("Newest first", ["-published_on", "-number"]),
    "check-due": ("Check due first", ["review_due_on", "number"]),
}
OPTIONS_SHOWN = 12
MOST_COUNTED = 1000
SAMPLE = 200  # of more than that, from which tags and sources to offer are taken


def under_element(elements):
    """Findings that a published practice point of one of these elements rests on."""
    points = PracticeImplication.objects.published().filter(element__in=elements)
    links = PracticeImplication.findings.through.objects.filter(practiceimplication__in=points)
    return Q(pk__in=links.values("finding"))


def naming(bases):
    """`Finding.evidence_basis`, said to the database."""
    named = Citation.objects.shown_sources()
    names_any = Q(Exists(named.filter(finding=OuterRef("pk"))))
    systematic = named.filter(source__study_design=StudyDesign.SYSTEMATIC_REVIEW)
    names_systematic = Q(pk__in=systematic.values("finding"))
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
    return Q(pk__in=TaggedFinding.objects.filter(tag__slug__in=slugs).values("content_object"))


def citing(slugs):
    cited = Source.objects.published().filter(slug__in=slugs)
    return Q(pk__in=Citation.objects.filter(source__in=cited).values("finding"))


FACETS = {
    "review": ("Review", lambda values: Q(review__slug__in=values)),
    "stance": ("What they say (our sorting)", lambda values: Q(stance__in=values)),
    "theme": ("Theme", lambda values: Q(theme__slug__in=values)),
    "element": ("Practice points (our links)", under_element),
    "basis": ("Evidence named", naming),
    "tag": ("Tag", tagged),
    "source": ("Source", citing),
}
FIXED = {
    "stance": dict(Stance.choices),
    "element": {element.value: element.gloss for element in WengerElement},
    "basis": {basis.value: basis.label for basis in EvidenceBasis},
}
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
    held = {name: set(FIXED.get(name, ())) for name in asked}
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
    told in `notices`, in sentences for the reader. `total` is how many findings there are, None if more than
    `MOST_COUNTED`: of more, the facets offer their values without counts.
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
        self._conditions = {name: FACETS[name][1](values) for name, values in self.chosen.items() if values}
        self._found = self._newest(Q(*self._conditions.values()))
        self.total = len(self._found) if len(self._found) <= MOST_COUNTED else None

    @property
    def findings(self):
        every = Finding.objects.published().filter(*self._conditions.values())
        return every.order_by(*SORTS[self.sort][1])

    @property
    def any_chosen(self):
        return any(self.chosen.values())

    @property
    def only_stance(self):
        """The stance that is asked for, if nothing else is."""
        stances = self.chosen["stance"]
        return Stance(stances[0]) if len(stances) == 1 and sum(map(len, self.chosen.values())) == 1 else None

    def facets(self):
        """Every facet with the options that would find something under the other facets, and those chosen."""
        found, is_exact = self._counted(self._found)
        wider, is_wider_exact = self._counted(self._wider())
        facts = Facts([*found, *wider])
        shown = {}
        for name in FACETS:
            among = wider if self.chosen[name] else found
            others = {other: set(self.chosen[other]) for other in self._conditions if other != name}
            counts = Counter()
            for finding in among:
                held = facts.of[finding["pk"]]
                if all(held[other] & values for other, values in others.items()):
                    counts.update(held[name])
            shown[name] = self._options(name, counts, facts, is_wider_exact if self.chosen[name] else is_exact)
        if len(shown["review"]) < 2 and not self.chosen["review"]:
            shown["review"] = []
        self.labels = {(name, option.value): option.label for name in FACETS for option in shown[name]}
        return [Facet(name, legend, shown[name]) for name, (legend, _) in FACETS.items() if shown[name]]

    def removals(self):
        """For each chosen value: the facet's legend, the value's label, and the query string without it."""
        for name, values in self.chosen.items():
            for value in values:
                left = [other for other in values if other != value]
                yield FACETS[name][0], self.labels.get((name, value), value), with_values(self.params, name, left)

    def _known(self, asked):
        chosen = known(asked)
        for name, values in asked.items():
            for value in values:
                if value not in chosen[name]:
                    shown = value[:40].replace("\0", "�")
                    self.notices.append(f"“{FACETS[name][0]}” has no choice “{shown}”, so that filter was left out.")
        return chosen

    def _newest(self, condition):
        """Up to one more than `MOST_COUNTED` of the findings, as `Facts` takes them."""
        found = Finding.objects.published().filter(condition).order_by("-published_on", "-number")
        return list(found.values(*Facts.COLUMNS)[: MOST_COUNTED + 1])

    def _counted(self, found):
        """All of what was found, and that it is all; or a sample."""
        return (found, True) if len(found) <= MOST_COUNTED else (found[:SAMPLE], False)

    def _wider(self):
        """What is found when any one of the facets is left out: among these, the options of that facet are counted."""
        if not self._conditions:
            return []
        names = self._conditions.keys()
        alternatives = [Q(*(self._conditions[name] for name in names - {left_out})) for left_out in names]
        return self._newest(reduce(or_, alternatives) if all(alternatives) else Q())

    def _options(self, name, counts, facts, is_exact):
        """Options of a facet by `counts`: the first `OPTIONS_SHOWN` and all that are chosen, tags and sources by how
        often they occur. Where the counts are not exact, any value may find something, and none is counted."""
        chosen = self.chosen[name]
        if name in FIXED:
            labels = FIXED[name]
            values = [value for value in labels if not is_exact or counts[value] or value in chosen]
        else:
            if not is_exact and name in ("theme", "review"):
                facts.look_up(name, STORED[name]())
            elif missing := [slug for slug in chosen if slug not in facts.rank[name]]:
                facts.look_up(name, STORED[name]().filter(slug__in=missing))
            by_use = name in ("tag", "source")
            values = sorted(
                {*counts, *chosen} if is_exact or by_use else facts.rank[name],
                key=lambda slug: (-counts[slug] if by_use else 0, facts.rank[name][slug]),
            )
            values = [slug for i, slug in enumerate(values) if i < OPTIONS_SHOWN or slug in chosen]
            labels = facts.label[name] if name != "source" else short_citations(values)
        return [Option(value, labels[value], counts[value] if is_exact else None, value in chosen) for value in values]


class Facts:
    """What some findings have of each facet: ``of[pk][name]`` is a set of values. For values of stored facets, `rank`
    is what they are sorted by and `label` what they are called, but for sources."""

    COLUMNS = ["pk", "stance", *(f"{name}__{of}" for name in ("theme", "review") for of in ("slug", "number"))]
    COLUMNS += ["theme__name", "review__title"]

    def __init__(self, findings):
        self.of, self.rank, self.label = {}, defaultdict(dict), defaultdict(dict)
        for row in findings:
            held = self.of[row["pk"]] = {name: set() for name in FACETS}
            held["stance"].add(row["stance"])
            for name, title in [("theme", "theme__name"), ("review", "review__title")]:
                held[name].add(row[f"{name}__slug"])
                self._call(name, row[f"{name}__slug"], row[f"{name}__number"], row[title])
        self._read_links()

    def _read_links(self):
        points = PracticeImplication.findings.through.objects.filter(
            finding__in=self.of, practiceimplication__in=PracticeImplication.objects.published()
        )
        for pk, element in points.values_list("finding", "practiceimplication__element"):
            self.of[pk]["element"].add(element)
        tags = TaggedFinding.objects.filter(content_object__in=self.of)
        for pk, slug, name in tags.values_list("content_object", "tag__slug", "tag__name"):
            self.of[pk]["tag"].add(slug)
            self._call("tag", slug, name, name)
        designs = defaultdict(set)
        columns = [f"source__{name}" for name in ("slug", "number", "status", "study_design")]
        cited = Citation.objects.shown_sources().filter(finding__in=self.of).order_by()
        for pk, slug, number, status, design in cited.values_list("finding", *columns):
            designs[pk].add(design)
            if status == Status.PUBLISHED:
                self.of[pk]["source"].add(slug)
                self._call("source", slug, number, slug)
        for pk, held in self.of.items():
            held["basis"].add(basis_of(designs[pk]))

    def look_up(self, name, entries):
        """Learn what `entries`, values of a facet, are called; findings need not have them."""
        for entry in entries:
            self._call(name, entry.slug, entry.name if name == "tag" else entry.number, str(entry))

    def _call(self, name, slug, rank, label):
        self.rank[name][slug], self.label[name][slug] = rank, label


def short_citations(slugs):
    return {
        source.slug: source.short_citation for source in Source.objects.filter(slug__in=slugs).for_short_citations()
    }
