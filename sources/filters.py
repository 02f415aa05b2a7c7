"""The filters of the list of sources: read from the address, counted, and written back into addresses."""

from collections import Counter

from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Left, Lower

from curation.facets import Facet, Option
from curation.namesearch import matching
from sources.bibliography.record import ROLES
from sources.models import Contributor, CslType, Source, StudyDesign

LONGEST = 200  # characters of what is typed
SEARCHED = ["title", "contributors__family", "contributors__literal", "container_title", "publisher", "issued"]
SEARCHED += ["doi", "isbn", "summary"]
UNDATED = "none"
GROUPS = {  # values of `type` that stand for several
    "article": [value for value in CslType.values if value.startswith("article-")],
    "other": [value for value in CslType.values if not value.startswith("article-")],
}
ACCESS = {
    "online": "A link to read it",
    "publisher": "A publisher’s page",
    "library": "No link: ask a library",
}
LEGENDS = {"type": "Type of work", "design": "Kind of study", "year": "Year", "access": "Where to get it"}
COLUMNS = {
    "type": F("csl_type"),
    "design": F("study_design"),
    "year": Case(When(issued="", then=Value(UNDATED)), default=Left("issued", 3)),
    "access": Case(
        When(~Q(url=""), then=Value("online")), When(~Q(doi=""), then=Value("publisher")), default=Value("library")
    ),
}


def first_name():
    """Whom a reference begins with, to sort by: the first author, or else compiler, or editor."""
    rank = Case(*(When(role=role, then=Value(place)) for place, role in enumerate(ROLES)), default=Value(len(ROLES)))
    people = Contributor.objects.filter(source=OuterRef("pk")).order_by(rank, "order")
    named = people.annotate(name=Lower(Case(When(literal="", then="family"), default="literal")))
    return Coalesce(Subquery(named.values("name")[:1]), Lower("publisher"))


SORTS = {
    "code": ("In the order they came", ["number"]),
    "author": ("Author", [first_name(), "issued", "number"]),
    "title": ("Title", [Lower("title"), "number"]),
    "newest": ("Newest first", ["-issued", "number"]),
    "oldest": ("Oldest first", [Case(When(issued="", then=Value("9999")), default="issued"), "number"]),
    "cited": ("Cited most", ["-finding_count", "number"]),
}


class SourceFilters:
    """What a reader asked of the list of sources.

    `params` is a QueryDict. `text` are the words typed, `chosen` maps each facet to the known values asked for; what
    is not known is left out and told in `notices`, in sentences for the reader. `query` says the same as a QueryDict.
    """

    def __init__(self, params):
        self.notices = []
        self.text = " ".join(params.get("q", "").replace("\0", "").split())[:LONGEST]
        self.sort = params.get("sort") or "code"
        if self.sort not in SORTS:
            self.notices.append(f"Sources cannot be sorted by “{self.sort[:40]}”, so they stand as they came.")
            self.sort = "code"
        self._searched = Source.objects.published().filter(matching(Source, self.text, SEARCHED))
        self._counts = self._count()
        self.chosen = {name: self._known(name, params.getlist(name)) for name in LEGENDS}
        self.query = params.copy()
        for name, values in self.chosen.items():
            self.query.setlist(name, values)
        self.total = sum(count for values, count in self._counts if self._fits(values))

    def _count(self):
        """[({facet: value}, how many sources have these)]: one query, however many sources there are."""
        columns = {f"in_{name}": column for name, column in COLUMNS.items()}
        rows = self._searched.order_by().values(**columns).annotate(n=Count("pk"))
        return [({name: row[f"in_{name}"] for name in COLUMNS}, row["n"]) for row in rows]

    def _known(self, name, asked):
        """The values asked for, without those that no source could have."""
        known = {"type": CslType.values, "design": StudyDesign.values, "access": ACCESS}.get(name)
        found = []
        for value in dict.fromkeys(filter(None, asked[:50])):
            some = self._types(value) if name == "type" else [value]
            is_decade = name == "year" and (
                value == UNDATED or (len(value) == 3 and value.isascii() and value.isdigit())
            )
            if is_decade or (known and set(some) <= set(known)):
                found += some
            else:
                shown = value[:40].replace("\0", "�")
                self.notices.append(f"“{LEGENDS[name]}” has no choice “{shown}”, so that filter was left out.")
        return found

    def _types(self, value):
        """The types that a value stands for; of a group, those that there are."""
        held = {values["type"] for values, _ in self._counts}
        group = GROUPS.get(value, [value])
        return [one for one in group if one in held] or group

    def _fits(self, values, but=""):
        return all(not chosen or name == but or values[name] in chosen for name, chosen in self.chosen.items())

    @property
    def sources(self):
        """Those that fit, in the order asked for, with the number of findings that cite each."""
        conditions = {f"in_{name}__in": values for name, values in self.chosen.items() if values}
        columns = {f"in_{name}": COLUMNS[name] for name, values in self.chosen.items() if values}
        found = self._searched.alias(**columns).filter(**conditions)
        return found.with_finding_counts().order_by(*SORTS[self.sort][1])

    def facets(self):
        """Every facet with two options or more that would find something under the other facets, and those chosen."""
        shown = []
        for name, legend in LEGENDS.items():
            counts, chosen = Counter(), self.chosen[name]
            for values, count in self._counts:
                if self._fits(values, but=name):
                    counts[values[name]] += count
            options = [
                Option(value, label, counts[value], value in chosen)
                for value, label in self._labels(name, {*counts, *chosen})
                if counts[value] or value in chosen
            ]
            if len(options) > 1 or chosen:
                shown.append(Facet(name, legend, options))
        return shown

    def _labels(self, name, values):
        if name == "year":
            decades = sorted(values - {UNDATED}, reverse=True)
            return [*((decade, f"{decade}0 to {decade}9") for decade in decades), (UNDATED, "No date")]
        return {"type": CslType.choices, "design": StudyDesign.choices, "access": ACCESS.items()}[name]
