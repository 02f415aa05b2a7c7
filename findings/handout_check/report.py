"""What became of the entries that a handout mentions: a row for each, the list as it is now, the text put right."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone
from django.utils.text import get_text_list

from curation import history
from curation.entries import EarlierSlug, Entry, parse_code
from curation.history import Revision
from curation.log import LogEntry
from curation.worddiff import marked_difference
from findings import cautions, provenance
from findings.codes import KINDS
from findings.handout_check import reading
from findings.models import KeyMessage
from findings.reading_lists.reading_list import MOST as MOST_IN_A_LIST
from findings.reading_lists.reading_list import ReadingList
from findings.records import record_of_edition, with_records
from findings.versions import Edition, editions_of
from sources.bibliography.references import as_text, reference
from sources.models import Source

MOST_COMPARED = 50  # rows that show old and new wording; the rest link to it
MOST_PLACES = 5  # where a row says that it was found
MOST_OTHERS = 12  # codes that are none of ours, by name
AROUND = 70  # characters before and after a mention that are shown


class Status(Enum):
    """What became of an entry, the worst first: word, look, symbol, and how one and several of them are told."""

    WITHDRAWN = "Withdrawn", "withdrawn", "i-warn", "was withdrawn", "were withdrawn"
    REPLACED = "Withdrawn, replaced", "withdrawn", "i-next", "was replaced", "were replaced"
    MERGED = "Merged", "status-changed", "i-link", "was merged", "were merged"
    CHANGED = "Wording changed", "status-changed", "i-clock", "changed", "changed"
    UNKNOWN = "Unknown", "stance-context", "i-search", "is unknown", "are unknown"
    NOT_PUBLIC = "Not public", "stance-context", "i-close", "is not public", "are not public"
    MINOR = "Minor change", "stance-context", "i-plus", "has a minor change", "have minor changes"
    CURRENT = "Unchanged", "status-current", "i-check", "is unchanged", "are unchanged"

    def __init__(self, label, look, icon, one, several):
        self.label, self.look, self.icon, self.one, self.several = label, look, icon, one, several

    def told(self, count):
        return f"{count} {self.one if count == 1 else self.several}"


IN_A_SENTENCE = [
    *(Status.CURRENT, Status.MINOR, Status.CHANGED, Status.REPLACED),
    *(Status.WITHDRAWN, Status.MERGED, Status.UNKNOWN, Status.NOT_PUBLIC),
]


@dataclass
class Row:
    """An entry, in one version of it, and what became of it since.

    `edition` is the version that the handout has, if that is known; `target` is what to use now, if anything.
    """

    status: Status
    entry: Entry | None
    written: str
    said: list[str]
    edition: Edition | None = None
    target: Entry | None = None
    newest: Edition | None = None
    earlier: Edition | None = None
    later: list[Edition] = field(default_factory=list)
    day: date | None = None
    differences: list = field(default_factory=list)
    mentions: list = field(default_factory=list)
    places: list = field(default_factory=list)

    @property
    def label(self):
        if not self.entry:
            return self.written
        return f"{self.entry.code}, version {self.edition.number}" if self.edition else self.entry.code

    @property
    def more_places(self):
        return max(0, len(self.mentions) - MOST_PLACES)

    @property
    def url(self):
        if not self.entry or self.status is Status.NOT_PUBLIC:
            return ""
        return self.entry.short_url if isinstance(self.entry, KeyMessage) else self.entry.get_absolute_url()

    @property
    def is_target_other(self):
        return self.target is not None and self.target != self.entry


@dataclass
class Report:
    rows: list[Row]
    corrected: str
    query: str  # that asks for the same again, without the text
    lists: list[str]  # addresses of reading lists of what is to be used now
    others: list[str] = field(default_factory=list)  # what looks like a code of ours and is none

    @property
    def not_ours(self):
        """A sentence on what was seen beside our entries; "" if there was nothing."""
        if not self.others:
            return ""
        more = f" and {len(self.others) - MOST_OTHERS} more" if len(self.others) > MOST_OTHERS else ""
        return f"Also seen, not ours: {', '.join(self.others[:MOST_OTHERS])}{more}. Nothing public has such a code."

    @property
    def shows_differences(self):
        return any(row.differences for row in self.rows)

    @property
    def summary(self):
        counts = Counter(row.status for row in self.rows)
        if len(self.rows) == 1:
            return f"The one entry found {self.rows[0].status.one}."
        told = [status.told(counts[status]) for status in IN_A_SENTENCE if counts[status]]
        if len(told) == 1:
            count = "Both entries" if len(self.rows) == 2 else f"All {len(self.rows)} entries"
            return f"{count} {told[0].partition(' ')[2]}."
        return f"Of {len(self.rows)} entries, {get_text_list(told, 'and')}."


def check(paragraphs, mentions, site_url, made_on=None, is_whole=True):
    """The Report on `mentions`, which were found in `paragraphs`.

    `made_on` is when the handout was made, where it does not say so itself. The corrected text is the whole text if
    `is_whole`, else the paragraphs that mention something. Takes the same number of queries for few and for many.
    """
    held = _Held(mentions)
    rows = _rows(mentions, held, made_on)
    held.compare(rows)
    for row in rows:
        row.places = [_place(mention, paragraphs[mention.paragraph]) for mention in row.mentions[:MOST_PLACES]]
    in_order = sorted(rows, key=lambda row: (row.mentions[0].paragraph, row.mentions[0].start))
    codes = list(dict.fromkeys(row.target.code for row in in_order if row.target))
    return Report(
        sorted(in_order, key=lambda row: list(Status).index(row.status)),
        _corrected(paragraphs, rows, site_url, is_whole),
        _query(in_order, made_on),
        [
            ReadingList(tuple(codes[start : start + MOST_IN_A_LIST])).address
            for start in range(0, len(codes), MOST_IN_A_LIST)
        ],
        _others(mentions, rows),
    )


# What is held


def _is_open(entry):
    """Whether the public can open its page."""
    return entry.is_public and (not isinstance(entry, KeyMessage) or entry.review.is_public)


def _instead_of(entry):
    """What the public is to use instead of a withdrawn entry, or None."""
    other = entry.replaced_by
    if other and other.is_withdrawn:
        other = other.replaced_by
    return other if other and _is_open(other) else None


class _Held:
    """What we hold of the entries that are mentioned, loaded in a few queries for all of them."""

    def __init__(self, mentions):
        self.found = self._entries({mention.names for mention in mentions})
        entries = list({entry.code: entry for entry in self.found.values() if _is_open(entry)}.values())
        cautions.load(entries)
        self.editions = editions_of(entries)
        self.corrected = self._corrections(entries)

    def _entries(self, names):
        """Code, or letter and slug -> entry, as they lead to it now."""
        numbers, slugs = defaultdict(set), defaultdict(set)
        for name in names:
            if isinstance(name, tuple):
                slugs[name[0]].add(name[1])
            else:
                letter, number = parse_code(name)
                numbers[letter].add(number)
        moved = Q(pk__in=[])
        for letter, some in slugs.items():
            moved |= Q(letter=letter, slug__in=some)
        earlier = {(row.letter, row.slug): row.number for row in EarlierSlug.objects.filter(moved)}
        for (letter, _), number in earlier.items():
            numbers[letter].add(number)
        found = {}
        for letter in {*numbers, *slugs}:
            model = KINDS[letter]
            wanted = Q(number__in=numbers[letter]) | Q(slug__in=[path.rpartition("/")[2] for path in slugs[letter]])
            for entry in model.objects.filter(wanted).select_related(*_RELATED[model]):
                found[entry.code] = entry
                found[letter, entry.slug_path] = entry
        for name, number in earlier.items():
            if name not in found and f"{name[0]}{number}" in found:
                found[name] = found[f"{name[0]}{number}"]
        return found

    def _corrections(self, entries):
        """(kind, id) -> the days on which it was corrected."""
        days = defaultdict(list)
        acts = LogEntry.objects.filter(_these(entries), name=LogEntry.Name.CORRECT).order_by("at")
        for kind, pk, at in acts.values_list("content_type", "object_id", "at"):
            days[kind, pk].append(timezone.localdate(at))
        return days

    def corrections_since(self, entry, day):
        return [one for one in self.corrected[_key(entry)] if one > day]

    def compare(self, rows):
        """Give rows their differences: from the version they have, or from what it said on the day they have it of."""
        compared = [row for row in rows if row.later or (row.status is Status.MINOR and row.day)][:MOST_COMPARED]
        wanted = defaultdict(set)
        for row in compared:
            wanted[type(row.entry)].add(row.entry.pk)
        states = {model: history.states(model, ids) for model, ids in wanted.items()}
        revised = _states_on([row for row in compared if not row.later])
        for row in compared:
            model = type(row.entry)
            before = row.earlier.kept if row.later else revised.get(row.entry.code)
            now = states[model][row.entry.pk]
            if before:
                row.differences = [
                    (label, marked_difference(old, new))
                    for label, old, new in history.changes(model, *map(_for_readers, [before, now]))
                ]


def _states_on(rows):
    """Code -> what the entry of each row said at the end of its day, as far as it was recorded."""
    chosen = {}
    revisions = Revision.objects.filter(_these([row.entry for row in rows])).order_by("at", "pk")
    days = {_key(row.entry): row for row in rows}
    for kind, of, at, pk in revisions.values_list("content_type", "object_id", "at", "pk"):
        row = days[kind, of]
        if row.entry.code not in chosen or timezone.localdate(at) <= row.day:
            chosen[row.entry.code] = pk
    states = dict(Revision.objects.filter(pk__in=chosen.values()).values_list("pk", "state"))
    return {code: states[pk] for code, pk in chosen.items()}


_RELATED = {
    model: [
        "replaced_by__replaced_by",
        *(["review", "replaced_by__review", "replaced_by__replaced_by__review"] if model is KeyMessage else []),
        *(["merged_into__replaced_by__replaced_by"] if model is Source else []),
    ]
    for model in KINDS.values()
}


def _key(entry):
    return ContentType.objects.get_for_model(entry).pk, entry.pk


def _these(entries):
    kinds = defaultdict(list)
    for entry in entries:
        kinds[ContentType.objects.get_for_model(entry)].append(entry.pk)
    wanted = Q(pk__in=[])
    for kind, ids in kinds.items():
        wanted |= Q(content_type=kind, object_id__in=ids)
    return wanted


def _for_readers(state):
    return {name: value for name, value in history.without_besides(state).items() if name != "tags"}


# Rows


def _rows(mentions, held, made_on):
    groups = defaultdict(list)
    for mention in mentions:
        entry = held.found.get(mention.names)
        if entry or (mention.is_sure and (mention.is_ours or mention.code)):
            groups[entry.code if entry else mention.names].append(mention)
    rows = {}
    for some in groups.values():
        # What is said once of an entry holds wherever the handout names it.
        said = next((mention for mention in some if mention.version or mention.day), some[0])
        for mention in some:
            known = mention if mention.version or mention.day else said
            if row := _row(mention, known, made_on, held):
                rows.setdefault((row.label, row.status), row).mentions.append(mention)
    return list(rows.values())


def _others(mentions, rows):
    """The codes that are mentioned and have no row: a code, or a racing class and the like."""
    told = {id(mention) for row in rows for mention in row.mentions}
    here = [mention for mention in mentions if mention.code and mention.is_ours and id(mention) not in told]
    return list(dict.fromkeys(mention.code for mention in here))


def _row(mention, known, made_on, held):
    """The Row for a mention, of which `known` says the version and the day; None if it is no mention after all."""
    entry = held.found.get(mention.names)
    if entry is None:
        return Row(Status.UNKNOWN, None, mention.code or mention.written, [_unknown(mention)])
    target = entry.leads_to
    if target.is_withdrawn:
        return _withdrawn(entry, target, mention)
    if not _is_open(target):
        said = ["Readers cannot open it: it is not published."]
        return Row(Status.NOT_PUBLIC, None, entry.code, said) if mention.is_sure else None
    if target != entry:
        said = [f"{entry.code} described the same work as {target.code}, of which it is now part."]
        return Row(Status.MERGED, entry, mention.written, said, target=target)
    return _current(entry, mention, known, made_on, held)


def _unknown(mention):
    if mention.code:
        return f"No entry has the code {mention.code}. Check that it was copied correctly."
    return "No entry has or had this address. Check that it was copied correctly."


def _withdrawn(entry, target, mention):
    instead = _instead_of(target)
    said = [f"Withdrawn {_date(target.withdrawn_on)}. {target.withdrawal_reason}"]
    if target != entry:
        said.insert(0, f"{entry.code} became part of {target.code}.")
    if not instead:
        said.append("Nothing replaces it: please take it out.")
    return Row(Status.REPLACED if instead else Status.WITHDRAWN, entry, mention.written, said, target=instead)


def _current(entry, mention, known, made_on, held):
    """What became of a public entry since the version or the day that is known."""
    editions = held.editions[entry.code]
    newest = editions[0]
    # The day of a session to come says nothing of what the handout holds.
    day = known.day if known.day and known.day <= timezone.localdate() else made_on
    edition = next((one for one in editions if one.number == known.version), None)
    if edition is None and known.version and known.is_exact:
        there = "version 1" if newest.number == 1 else f"versions 1 to {newest.number}"
        said = [f"There is no version {known.version}: {entry.code} has {there}."]
        return Row(Status.UNKNOWN, entry, mention.written, said, target=entry, newest=newest)
    if edition is None and day:
        edition = next((one for one in editions if one.issued_on <= day), editions[-1])
    row = Row(Status.CURRENT, entry, mention.written, [], edition, target=entry, newest=newest, day=day)
    row.later = [one for one in editions if one.number > (edition or editions[-1]).number]
    corrections = (
        held.corrections_since(entry, day)
        if day
        else [one for one in held.corrected[_key(entry)] if one >= newest.issued_on]
    )
    if row.later:
        row.status = Status.CHANGED
        row.earlier = edition or editions[-1]
        if edition:
            row.said = [f"You have version {edition.number}. Version {newest.number} is the current one."]
        else:
            row.said = [f"Changed on {_dates(one.issued_on for one in reversed(row.later))}."]
            row.said.append("Check that your wording is the newer one.")
    elif corrections:
        row.status = Status.MINOR
        row.said = [f"Corrected on {_dates(corrections)}. The meaning is the same."]
    elif day:
        row.said = [f"Nothing has changed since {_date(day)}."]
    elif edition:
        row.said = [f"Version {edition.number} is still the current one."]
    else:
        row.said = [f"It has not changed since it was published on {_date(entry.published_on)}."]
    row.said += cautions.words(entry).splitlines()
    return row


def _date(day):
    return f"{day:%-d %B %Y}"


def _dates(days):
    return get_text_list([_date(day) for day in dict.fromkeys(days)], "and")


def _place(mention, paragraph):
    """(where, text before, what stands there, text after): enough to find it again."""
    text = paragraph.text
    before, after = text[max(0, mention.start - AROUND) : mention.start], text[mention.end : mention.end + AROUND]
    if mention.start > AROUND:
        before = "…" + before.partition(" ")[2]
    if mention.end + AROUND < len(text):
        after = after.rpartition(" ")[0] + "…"
    here = text[mention.start : mention.end]
    if mention.behind:
        here = f"{here} ({mention.written})" if here.strip() else mention.written
    return paragraph.where, before, here, after


def _query(rows, made_on):
    """What to ask to have the same entries checked again."""
    codes = [row.edition.code if row.edition else row.entry.code if row.entry else row.mentions[0].code for row in rows]
    items = ",".join(list(dict.fromkeys(filter(None, codes)))[:MOST_IN_A_LIST])
    return urlencode({"items": items} | ({"made_on": made_on.isoformat()} if made_on else {}), safe=",")


# The text put right


def _corrected(paragraphs, rows, site_url, is_whole):
    changes = defaultdict(dict)
    for row in rows:
        for mention in row.mentions:
            changes[mention.paragraph].setdefault((mention.start, mention.end, mention.behind), []).append(
                (mention, row)
            )
    references = _references(paragraphs, changes, site_url)
    lines = []
    for place, paragraph in enumerate(paragraphs):
        if place in references:
            lines.append(references[place])
        elif place in changes:
            lines.append(_put_right(paragraph.text, changes[place], site_url))
        elif is_whole:
            lines.append(paragraph.text)
    return "\n".join(lines)


def _put_right(text, changes, site_url):
    pieces, last = [], 0
    edits = [
        edit for (start, end, behind), some in changes.items() for edit in _edits(start, end, behind, some, site_url)
    ]
    for start, end, instead in sorted(edits):
        if start >= last:
            pieces += [text[last:start], instead]
            last = end
    return "".join([*pieces, text[last:]]).strip()


def _edits(start, end, behind, some, site_url):
    """(start, end, new text) of what changes for the mentions that share a stretch of text."""
    mention, row = some[0]
    address = "/" in mention.written
    if len(some) > 1 or (address and reading.LIST.search(mention.written)):
        codes = dict.fromkeys(row.target.code for _, row in some if row.target)
        instead = re.sub(r"(items=)[^&#]*", lambda match: match[1] + ",".join(codes), mention.written)
    elif row.target is None:
        return [(end, end, f" [{row.status.label.lower()}]")]
    elif address:
        instead = _address(mention, row, site_url)
    else:
        instead = _code(mention, row) if row.is_target_other or mention.is_exact else mention.written
    if behind:
        return [(end, end, f" <{instead}>")]
    edits = [(start, end, instead)]
    if mention.version_at and row.edition and mention.version == row.edition.number:
        edits.append((*mention.version_at, str(row.newest.number)))
    return edits


def _code(mention, row):
    return f"{row.target.code}v{row.newest.number}" if mention.is_exact and row.newest else row.target.code


def _address(mention, row, site_url):
    """The address of what to use now, in the form and at the host of the one that was found."""
    path = urlsplit(site_url).path
    head = re.match(r"(?:https?://)?[^/]*", mention.written, re.I)[0]
    if path and mention.written.startswith(f"{path}/", len(head)):
        head += path
    rest = mention.written[len(head) :]
    if reading.SHORT.fullmatch(urlsplit(rest).path):
        return head + re.sub(r"/[a-z][0-9]+(?:v[0-9]+)?", f"/{_code(mention, row)}", rest, count=1, flags=re.I)
    return head + (row.newest.url if mention.is_exact and row.newest else row.target.get_absolute_url())


# What tells a reference of ours in each style.
SIGNS = {
    "vancouver": re.compile(r"\[Internet\]"),
    "harvard": re.compile("Available at:"),
    "apa": re.compile(r"\((?:[A-Z][0-9]+, )?Version "),
}
MARKER = re.compile(r"(?:(?:\[?[0-9]{1,3}[\].)]|[•*–-]|Cite as:)\s+)+")


def _references(paragraphs, changes, site_url):
    """Place -> the reference as it is now, for paragraphs that are a reference to one entry and no longer right."""
    wanted = {}
    for place, some in changes.items():
        text = paragraphs[place].text
        style = next((name for name, sign in SIGNS.items() if sign.search(text)), None)
        rows = {id(row): row for pairs in some.values() for _, row in pairs}
        row = next(iter(rows.values()))
        is_reference = style and len(rows) == 1 and "ersion" in text and settings.SITE_NAME in text
        if is_reference and row.target and row.status is not Status.CURRENT and not isinstance(row.target, Source):
            is_exact = any(mention.is_exact for pairs in some.values() for mention, _ in pairs)
            wanted[place] = style, row, is_exact
    loaded, editions = _loaded([row.target for _, row, _ in wanted.values()])
    found = {}
    for place, (style, row, is_exact) in wanted.items():
        entry, newest = loaded[row.target.code], editions[row.target.code][0]
        record = record_of_edition(newest, site_url)
        if not is_exact:
            record = replace(record, url=site_url + entry.short_url)
        marker = MARKER.match(paragraphs[place].text)
        found[place] = (marker[0] if marker else "") + as_text(reference(record, style))
    return found


def _loaded(entries):
    """Code -> entry with what its record takes, and code -> its versions."""
    found = {}
    for model in {type(entry) for entry in entries}:
        codes = [entry.code for entry in entries if type(entry) is model]
        for entry in with_records(model.objects.with_codes(codes)):
            found[entry.code] = entry
    provenance.load_behind(found.values())
    cautions.load(found.values())
    return found, editions_of(list(found.values()))
