"""Entries that the site holds, read many at a time."""

from collections import defaultdict

from curation.entries import EarlierSlug, Entry

TOGETHER = 500


def in_chunks(items, most=TOGETHER):
    """Lists of as many as one query asks for."""
    items = list(items)
    return [items[start : start + most] for start in range(0, len(items), most)]


def called(entry):
    """What an entry is called in a file: its code, a term's slug."""
    return entry.code if isinstance(entry, Entry) else entry.slug


def loaded(model, ids, by="pk", locked=False):
    """{id: entry}; `by` is the field that `ids` are of. `locked` holds them against others to the transaction's end."""
    entries = model._base_manager.select_for_update(of=("self",)) if locked else model._base_manager
    found = (entry for some in in_chunks(ids) for entry in entries.filter(**{f"{by}__in": some}))
    return {getattr(entry, by): entry for entry in found}


def named(kind, names):
    """{name: entry} of the entries that a file means: by code, or a label of a table by title, if one has it."""
    numbers = {name: number for name in names if (number := kind.number(name))}
    by_number = loaded(kind.model, set(numbers.values()), by="number")
    found = {name: by_number[number] for name, number in numbers.items() if number in by_number}
    labels = set(names) - numbers.keys()
    if labels:
        matcher = kind.matcher()
        pks = {label: pk for label in labels if (pk := matcher.named(label))}
        entries = loaded(kind.model, pks.values())
        found |= {label: entries[pk] for label, pk in pks.items()}
    return {name: entry.leads_to for name, entry in found.items()}


def states(kind, ids, by="pk"):
    """{id: what a file says of the entry} for entries of a kind; `by` is the field that `ids` are of."""
    found = {}
    for some in in_chunks(sorted(ids)):
        found |= _states(kind, some, by)
    return found


def _states(kind, ids, by):
    is_entry = issubclass(kind.model, Entry)
    keys = [
        "pk",
        by,
        *(["number"] if is_entry else []),
        *kind.columns,
        *(f"{name}__number" for name in kind.references),
    ]
    rows = list(kind.model._base_manager.filter(**{f"{by}__in": ids}).order_by().values(*dict.fromkeys(keys)))
    pks = [row["pk"] for row in rows]
    lists = _lists(kind, pks)
    earlier = defaultdict(list)
    if is_entry:
        moved = EarlierSlug.objects.filter(letter=kind.letter, number__in=[row["number"] for row in rows])
        for number, slug in moved.values_list("number", "slug"):
            earlier[number].append(slug)
    found = {}
    for row in rows:
        values = {name: _plain(row[name]) for name in kind.columns}
        values |= {name: _code(other, row[f"{name}__number"]) for name, other in kind.references.items()}
        values |= {name: of.get(row["pk"], []) for name, of in lists.items()}
        if is_entry:
            values |= {"code": _code(kind, row["number"]), "earlier_slugs": sorted(earlier[row["number"]])}
        found[row[by]] = {name: values[name] for name in kind.names}
    return found


def _lists(kind, pks):
    """{key: {pk of the entry: list}} of its parts, links and tags."""
    lists = {part.name: _parts(part, pks) for part in kind.parts}
    for name, other in kind.links.items():
        field = kind.model._meta.get_field(name)
        through = field.remote_field.through
        owner, target = field.m2m_field_name(), field.m2m_reverse_field_name()
        linked = defaultdict(list)
        rows = through.objects.filter(**{f"{owner}__in": pks}).values_list(f"{owner}_id", f"{target}__number")
        for pk, number in sorted(rows):
            linked[pk].append(_code(other, number))
        lists[name] = linked
    if kind.tagged:
        tags = defaultdict(list)
        rows = kind.tagged.objects.filter(content_object__in=pks).values_list("content_object_id", "tag__name")
        for pk, name in sorted(rows):
            tags[pk].append(name)
        lists["tags"] = tags
    return lists


def _parts(part, pks):
    keys = [f"{part.owner}_id", *part.columns, *(f"{name}__number" for name in part.references)]
    rows = part.model._base_manager.filter(**{f"{part.owner}__in": pks})
    if part.is_ordered:
        keys.append("order")
    found = defaultdict(list)
    for row in rows.order_by().values(*keys):
        found[row[f"{part.owner}_id"]].append(row)
    return {pk: [_part(part, row) for row in sorted(rows, key=_place(part))] for pk, rows in found.items()}


def _place(part):
    """In their order, contributors role by role; what has no order, by what it says, on every database alike."""
    if part.is_ordered:
        return lambda row: (part.roles.index(row["role"]) if part.roles else 0, row["order"])
    numbers, texts = [f"{name}__number" for name in part.references], list(part.columns)
    return lambda row: ([row[name] for name in numbers], [str(row[name]) for name in texts])


def _part(part, row):
    codes = {name: _code(kind, row[f"{name}__number"]) for name, kind in part.references.items()}
    return codes | {name: _plain(row[name]) for name in part.columns}


def _code(kind, number):
    return "" if number is None else f"{kind.letter}{number}"


def _plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value
