"""Which of the entries that the site holds does a file speak of?

The same code with the same address or title is the same entry: a code alone is not, since every site counts from one.
Sources are compared as works are (`sources.bibliography.matching`). What is only near is for a librarian to decide.
"""

from collections import defaultdict

from curation.entries import Entry, Status
from curation.imports.matching import MAYBE, NEW, SAME, Match
from sources.bibliography.matching import NEAR, Holdings, Work, likeness, normal
from sources.bibliography.record import ROLES
from sources.models import Contributor, Source


class Held:
    """The entries of a kind that the site holds."""

    def __init__(self, kind):
        self.kind = kind
        self._rows = {}  # pk: (slug, normal title, pk of what it belongs to)
        self._by_key = {}
        self._by_address = {}
        self._by_title = defaultdict(list)
        key = "number" if issubclass(kind.model, Entry) else "slug"
        parent = f"{kind.belongs_to}_id" if kind.belongs_to else "pk"
        beside = kind.address_with if kind.address_with in kind.columns else "pk"
        columns = ["pk", key, "slug", kind.title, parent, beside]
        for pk, key, slug, title, parent, beside in kind.model._base_manager.order_by("pk").values_list(*columns):
            self._rows[pk] = slug, normal(title), parent
            self._by_key[key] = pk
            self._by_address[self._address(slug, parent, beside)] = pk
            self._by_title[normal(title)].append(pk)
        self._near = Holdings(self._works())

    def _works(self):
        return (Work(pk, title) for pk, (_, title, _) in self._rows.items())

    def _address(self, slug, parent, beside):
        """An address is unique with these."""
        if not self.kind.address_with:
            return slug, None
        return slug, parent if self.kind.address_with == self.kind.belongs_to else beside

    def by_code(self, code):
        """The id of the entry with a code (a term's slug), or None."""
        return self._by_key.get(self.kind.number(code) if self.kind.letter else code) if code else None

    def named(self, name):
        """The id of the entry with a code or, if it is no code, with a title; None if there is not one."""
        titled = self._by_title.get(normal(name), [])
        return self.by_code(name) or (titled[0] if self.kind.number(name) is None and len(titled) == 1 else None)

    def find(self, values, parent=None):
        """The Match for what a file says; `parent` is the id of what it belongs to, if that is held."""
        slug, title = values.get("slug"), normal(values.get(self.kind.title, ""))
        pk = self.by_code(values.get(self.kind.key))
        if pk is not None and self._is_same(pk, slug, title):
            return Match(SAME, pk)
        match = self._alike(values, slug, title, parent)
        if match.match != SAME and slug:
            pk = self._by_address.get(self._address(slug, parent, values.get(self.kind.address_with)))
            match = match if pk is None else Match(MAYBE, pk)
        return match

    def _is_same(self, pk, slug, title):
        """Whether what has our code is what we have."""
        ours = self._rows[pk]
        return not (slug or title) or slug == ours[0] or bool(title and title == ours[1])

    def _alike(self, values, slug, title, parent):
        """The Match by what it says, whatever its code."""
        for pk in self._by_title.get(title, ()) if title else ():
            ours = self._rows[pk]
            same_address = not slug or slug == ours[0] or not self.kind.letter
            if same_address and (not self.kind.belongs_to or parent == ours[2]):
                return Match(SAME, pk)
        _, near = self._near.find(Work(None, title))
        return Match(MAYBE, near.ref) if near else Match(NEW)


class HeldSources(Held):
    """Sources are the same by DOI, ISBN, or title, year and first author too. By what was merged into a source, that
    source is found."""

    def __init__(self, kind):
        super().__init__(kind)
        self._merged = dict(Source.objects.exclude(merged_into=None).values_list("pk", "merged_into"))

    def _works(self):
        """Withdrawn ones come last, so that others are found first."""
        rows = sorted(compared(Source.objects.all(), "status"), key=lambda row: row[-1] == Status.WITHDRAWN)
        return (Work.of(*row[:-1]) for row in rows)

    def add(self, values, position):
        """Let what a file says be found as well."""
        self._near.add(_work_of(values, (position,)))

    def find(self, values, parent=None):
        match = super().find(values, parent)
        return match._replace(pk=self._merged.get(match.pk, match.pk))

    def _is_same(self, pk, slug, title):
        # The address of a source is a name and a year, which another work may have as well.
        ours = self._rows[pk]
        return title == ours[1] or (slug in (None, ours[0]) and (not title or likeness(title, ours[1]) >= NEAR))

    def _alike(self, values, slug, title, parent):
        verdict, work = self._near.find(_work_of(values))
        if work and isinstance(work.ref, tuple):
            return Match(verdict, repeats=work.ref[0])
        return Match(verdict, work and work.ref)


def compared(sources, *also):
    """For each source in order of its code: what `Work.of` takes, with its pk as the name, and then the columns `also`.

    Two queries, however many there are.
    """
    first = {}
    names = Contributor.objects.values_list("source_id", "role", "order", "family", "literal")
    for source, role, order, family, literal in names.order_by():
        rank = (ROLES.index(role), order)
        if source not in first or rank < first[source][0]:
            first[source] = rank, family or literal
    columns = ["pk", "title", "issued", "doi", "isbn", "container_title", "volume", "issue", "pages"]
    for pk, title, issued, doi, isbn, container, *rest in sources.order_by("number").values_list(*columns, *also):
        author = first[pk][1] if pk in first else ""
        yield pk, title, issued, author, doi, isbn, container, tuple(rest[:3]), *rest[3:]


def _work_of(values, ref=None):
    first = min(values.get("contributors") or [{}], key=lambda person: ROLES.index(person.get("role", ROLES[0])))
    author = first.get("family") or first.get("literal") or ""
    place = tuple(values.get(name, "") for name in ("volume", "issue", "pages"))
    texts = [values.get(name, "") for name in ("doi", "isbn", "container_title")]
    return Work.of(ref, values.get("title", ""), values.get("issued", ""), author, *texts, place)
