"""The addresses of a kind, those of old included: each leads to one entry."""

from collections import Counter

from curation.entries import parse_code


class Addresses:
    def __init__(self, kind):
        self.kind = kind
        columns = ["pk", "slug", *([self._beside] if kind.address_with else [])]
        rows = kind.model._base_manager.order_by().values_list(*columns)
        self._taken = {tuple(address): pk for pk, *address in rows}
        self._earlier = kind.earlier_addresses()
        self._tried = Counter()

    @property
    def _beside(self):
        name = self.kind.address_with
        return f"{name}__number" if name in self.kind.references else name

    def _address(self, now, slug):
        """An address is unique with these."""
        name = self.kind.address_with
        if not name:
            return (slug,)
        return slug, parse_code(now[name])[1] if name in self.kind.references else now[name]

    def _path(self, now, slug):
        """As `Entry.slug_path` has it."""
        name = self.kind.address_with
        return f"{now[name]}/{slug}" if name in self.kind.columns else slug

    def give(self, writing):
        """Keep the address of the file for a new entry, or find one near it that is free."""
        now = writing.now
        stem = slug = writing.values.get("slug") or self.kind.stem(now)
        while self._address(now, slug) in self._taken or self._path(now, slug) in self._earlier:
            beside = self._address(now, stem)
            self._tried[beside] += 1
            slug = self.kind.variant(stem, self._tried[beside] + 1)
        self._taken[self._address(now, slug)] = writing.entry
        writing.values["slug"] = slug

    def move(self, writing):
        """Whether a held entry can have the address that it is to have."""
        now, entry = writing.now, writing.entry
        address, path = self._address(now, now["slug"]), self._path(now, now["slug"])
        is_free = self._earlier.get(path) in (None, getattr(entry, "number", None))
        return self._taken.setdefault(address, entry.pk) == entry.pk and is_free

    def may_lead(self, path, writing):
        """Whether an earlier address can lead to an entry."""
        now = tuple(reversed(path.split("/")))
        free = self._taken.get(now, writing.entry.pk) in (writing.entry.pk, writing.entry)
        return free and self._earlier.setdefault(path, writing.entry.number) == writing.entry.number
