"""The search index of this machine: a folder of tantivy that follows the change log (docs/search.md).

``SEARCH_INDEX_DIR/<version>/`` holds one index, and ``current`` names it. An index holds, beside the documents, how far
it has followed the log, so that both are written by one commit. All processes of a machine share the folder; whoever
searches first after a change takes the writer's lock and follows. With ``SEARCH_INDEX_DIR=memory``, and where the
folder cannot be written to, each process has an index of its own in memory.
"""

import fcntl
import json
import logging
import os
import secrets
import shutil
import threading
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import tantivy
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import connections
from django.db.models import Q

from curation.changelog import KEPT_FOR, Change
from joinedup.operations.routing import reading_from
from joinedup.search import analysis
from joinedup.search.documents import KINDS
from joinedup.search.query import identifier_key, name_key

logger = logging.getLogger(__name__)

FIELDS = ("heading", "summary", "labels", "questions", "body")
ANYWHERE = "anywhere"
STATE = "state"
MEMORY = "memory"
AT_ONCE = 2000  # changes that are followed while a search waits; more are followed by a thread
PATIENCE = 1.0  # seconds that a search waits for another process that follows
BATCH = 500
HEAP = 15_000_000  # bytes of the writer, the least that tantivy takes
HEAP_OF_REBUILD = 128_000_000
GAP_KEPT = 6 * 60 * 60  # seconds in which a number that was skipped may still be committed
MOST_GAPS = 10_000
TIMES = {"term": 1.0}  # a term explains a word; the evidence on it, which counts for more, is what was looked for
TIMES_ELSE = 5.0
ORDER = {name: place for place, name in enumerate(KINDS)}
NUMBERS = 1 << 40  # more than the entries of a kind
DAYS = 1 << 44


class NotReady(Exception):
    """There is no index yet: it is being made."""


class Busy(Exception):
    """Another process makes the index anew."""


def _schema():
    builder = tantivy.SchemaBuilder()
    for name in (*FIELDS, ANYWHERE):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="basic")  # training=train: word and token
    builder.add_text_field("names", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("facets", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field(STATE, tokenizer_name="raw", index_option="basic", stored=True)
    for name in ("order", "newest", "pk"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


SCHEMA = _schema()


@cache
def version():
    """The name of what this release writes: another release has another folder, and a rollback finds its own."""
    here = Path(__file__).parent
    written_by = [here / "analysis.py", here / "documents.py", here / "index.py", here / "query.py"]
    digest = sha256(b"".join(path.read_bytes() for path in written_by))
    return f"{metadata.version('tantivy')}-{digest.hexdigest()[:12]}"


# Documents


def key_of(kind, pk):
    return f"{kind} {pk}"


def document(kind, entry):
    """An entry as a document of the index."""
    described = KINDS[kind].describe(entry)
    fields, words = defaultdict(list), set()
    for name in FIELDS:
        found = analysis.words(getattr(described, name))
        if not found:
            continue
        # Each part for itself, so that no phrase runs on from one into the next.
        parts = [" ".join(token for word in found for token in word.canonical)]
        parts += [token for word in found for token in word.extra]
        fields[name] = parts
        fields[ANYWHERE] += parts
        words.update(f"{form}={analysis.stem(form)}" for word in found for form in word.forms)
    order = ORDER[kind] * NUMBERS + (entry.number if described.code else entry.pk)
    day = described.date.toordinal() if described.date else 0
    values = {
        **fields,
        "words": [" ".join(sorted(words))],
        "names": _names(described) if described.code else [],
        "facets": sorted({f"kind={kind}", *(f"{name}={v}" for name, some in described.facets.items() for v in some)}),
        "key": [key_of(kind, entry.pk)],
        "order": [order],
        "newest": [day * DAYS + (DAYS - 1 - order)],
        "pk": [entry.pk],
        # tantivy multiplies the score with log2(2 + weight).
        "weight": [2 ** TIMES.get(kind, TIMES_ELSE) - 2],
    }
    return tantivy.Document.from_dict(values, SCHEMA)


def _names(described):
    named = [described.code, described.heading, *described.names]
    keys = [name_key(name) for name in named] + [identifier_key(name) for name in described.names]
    return list(dict.fromkeys(filter(None, keys)))


# How far an index has followed the log


@dataclass
class State:
    """The last row of the change log that an index has: `number` and `token`. `gaps` are lower numbers that were not
    there yet, with the time (in seconds) when each was missed: on PostgreSQL rows appear as their transactions end."""

    number: int = 0
    token: str = ""
    gaps: dict = field(default_factory=dict)

    @classmethod
    def of_log(cls):
        """Where the log is now."""
        last = Change.objects.last()
        if not last:
            return cls()
        seen = list(Change.objects.filter(number__gt=last.number - MOST_GAPS).values_list("number", flat=True))
        return cls(last.number, last.token, _missing(seen[0], seen[-1], seen))

    def after(self, rows):
        """The state when `rows`, tuples that begin with number and token, were followed as well."""
        numbers = {row[0] for row in rows}
        since = time.time() - GAP_KEPT
        gaps = {n: missed_at for n, missed_at in self.gaps.items() if n not in numbers and missed_at > since}
        last = max(rows, default=(self.number, self.token))
        if last[0] <= self.number:
            return State(self.number, self.token, gaps)
        gaps |= _missing(max(self.number + 1, last[0] - MOST_GAPS), last[0], numbers)
        return State(last[0], last[1], gaps)


def _missing(first, last, seen):
    if connections[reading_from()].vendor == "sqlite":  # one writes after the other
        return {}
    return dict.fromkeys(set(range(first, last + 1)) - set(seen), time.time())


class Lost(Exception):
    """The log is not the one that the index has followed: a backup was put back, or its rows were deleted since."""


def rows_after(state):
    """The rows of the log that an index in this state has not followed: tuples of number, token, kind and id.

    Raises Lost. A replica that has not got the last row yet is behind, and tells nothing new.
    """
    wanted = Q(number__gte=state.number) | Q(number__in=list(state.gaps)) if state.gaps else Q(number__gte=state.number)
    rows = list(Change.objects.filter(wanted).values_list("number", "token", "kind", "object_id"))
    if not state.number:
        return rows
    if (state.number, state.token) in {row[:2] for row in rows}:
        return [row for row in rows if row[0] != state.number]
    last = Change.objects.last()
    if reading_from() != PRIMARY and (not last or last.number < state.number):
        return []
    raise Lost


def _by_kind(rows):
    wanted = defaultdict(set)
    for _, _, label, pk in rows:
        wanted[label].add(pk)
    for name, kind in KINDS.items():
        if kind.model._meta.label_lower in wanted:
            yield name, sorted(wanted[kind.model._meta.label_lower])


# One index


class Snapshot:
    """What an index holds at one moment, for tantivy's `searcher`."""

    def __init__(self, searcher):
        self.searcher = searcher
        self.entries = max(searcher.num_docs - 1, 1)  # without the document that keeps the state

    def holding(self, token):
        """How many entries hold a token."""
        return self.searcher.doc_freq(ANYWHERE, token)

    def words_beginning(self, text):
        """Word as it is written, its token, and how many entries have it, of each word that begins so."""
        return [(*term.split("="), entries) for term, entries in self.searcher.terms_with_prefix("words", text)]

    @cached_property
    def words(self):
        """Every word as it is written -> how many entries have it."""
        return {word: entries for word, _, entries in self.words_beginning("")}

    def count(self, query):
        return self.searcher.search(query, 1).count

    def values(self, name, addresses):
        """The values of a fast field of these documents."""
        return self.searcher.fast_field_values(name, addresses)

    def keys(self, addresses):
        """The kind and the id of the entry behind each of these documents."""
        kinds = list(KINDS)
        orders, ids = self.values("order", addresses), self.values("pk", addresses)
        return [(kinds[order // NUMBERS], pk) for order, pk in zip(orders, ids, strict=True)]


class Index:
    """A tantivy index in `folder`, or in memory, and what this process has read of it."""

    def __init__(self, folder=None):
        self.tantivy = tantivy.Index(SCHEMA, str(folder) if folder else None)
        self.tantivy.config_reader(reload_policy="manual")
        self.read()

    def read(self):
        """See what was committed meanwhile."""
        self.tantivy.reload()
        self.snapshot = Snapshot(searcher := self.tantivy.searcher())
        self.state = State()
        hits = searcher.search(tantivy.Query.term_query(SCHEMA, "key", STATE), 1).hits
        if hits:
            held = json.loads(searcher.doc(hits[0][1]).get_first(STATE))
            self.state = State(held["number"], held["token"], {int(n): at for n, at in held["gaps"].items()})

    @contextmanager
    def writing(self, patience=PATIENCE, heap=HEAP):
        """The writer, committed at the end of the block. Raises Busy if others have it for `patience` seconds."""
        until = time.monotonic() + patience
        while (writer := self._writer(heap)) is None:
            if time.monotonic() > until:
                raise Busy("The search index is being written by another process.")
            time.sleep(0.02)
        try:
            self.read()  # as others left it
            yield writer
            writer.commit()
        finally:
            with suppress(ValueError):
                writer.wait_merging_threads()  # which gives the writer back
            self.read()

    def _writer(self, heap):
        try:
            return self.tantivy.writer(heap, 1)
        except ValueError as error:
            if "lock" in str(error).casefold():
                return None
            raise

    def follow(self, patience=PATIENCE):
        """Apply what the log names after the state of the index. Raises Busy and Lost."""
        with self.writing(patience) as writer:
            rows = rows_after(self.state)
            for kind, ids in _by_kind(rows):
                for pk in ids:
                    writer.delete_documents_by_term("key", key_of(kind, pk))
                _add(writer, kind, ids)
            self._note(writer, self.state.after(rows))

    def fill(self, report):
        """Write all public entries into an empty index."""
        state = State.of_log()
        todo = [(name, list(kind.public().order_by("pk").values_list("pk", flat=True))) for name, kind in KINDS.items()]
        total, done = sum(len(ids) for _, ids in todo), 0
        with self.writing(heap=HEAP_OF_REBUILD) as writer:
            for kind, ids in todo:
                for start in range(0, len(ids), BATCH):
                    _add(writer, kind, ids[start : start + BATCH])
                    done += len(ids[start : start + BATCH])
                    report(done, total)
            self._note(writer, state)

    def _note(self, writer, state):
        writer.delete_documents_by_term("key", STATE)
        writer.add_document(tantivy.Document.from_dict({"key": [STATE], STATE: [json.dumps(asdict(state))]}, SCHEMA))


def _add(writer, kind, ids):
    for start in range(0, len(ids), BATCH):
        for entry in KINDS[kind].public_of(ids[start : start + BATCH]):
            writer.add_document(document(kind, entry))


# The folder


class Folder:
    """Where the indexes of this release are on this machine."""

    def __init__(self, root):
        self.root = Path(root) / version()

    def current(self):
        """The name of the index to search, or "" if there is none."""
        try:
            name = (self.root / "current").read_text().strip()
        except OSError:
            return ""
        return name if name and tantivy.Index.exists(str(self.root / name)) else ""

    def open(self, name):
        """The index of this name. Raises ValueError if it is not whole."""
        return Index(self.root / name)

    @contextmanager
    def alone(self):
        """Raises Busy if another process makes the index anew."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "rebuild.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Busy("The search index is being made anew by another process.") from error
            yield

    def make(self, report):
        """A new index beside the one that is searched, which then takes its place by a rename."""
        with self.alone():
            name = secrets.token_hex(6)
            path = self.root / name
            try:
                path.mkdir()
                made = Index(path)
                made.fill(report)
                new = self.root / "current.new"
                new.write_text(name)
                os.replace(new, self.root / "current")
            except BaseException:
                shutil.rmtree(path, ignore_errors=True)
                raise
            self._clear(name)
            return made

    def _clear(self, current):
        """Delete what is searched no longer, here and of releases that are long gone. A process that still has it open
        goes on reading it."""
        for path in self.root.iterdir():
            if path.is_dir() and path.name != current:
                shutil.rmtree(path, ignore_errors=True)
        oldest = time.time() - KEPT_FOR.total_seconds()
        for other in self.root.parent.iterdir():
            if other != self.root and (other / "rebuild.lock").exists() and other.stat().st_mtime < oldest:
                shutil.rmtree(other, ignore_errors=True)


class Memory:
    """The same for an index that a process has to itself."""

    def __init__(self):
        self.held = None

    def current(self):
        return self.held and str(id(self.held))

    def open(self, name):
        return self.held

    def make(self, report):
        made = Index()
        made.fill(report)
        self.held = made
        return made


# What this process searches


def is_small_site():
    """Whether an index of it is made while a search waits."""
    entries = 0
    for kind in KINDS.values():
        entries += kind.public()[: AT_ONCE + 1 - entries].count() if entries <= AT_ONCE else 0
    return entries <= AT_ONCE


class Searching:
    """The index that this process has open."""

    def __init__(self, place):
        self.place = place
        self.process = os.getpid()
        self.lock = threading.RLock()
        self.name, self.index = "", None
        self.thread = None

    def snapshot(self):
        """The Snapshot to search, and whether it has followed the whole log. Raises NotReady."""
        with self.lock:
            is_current = self._follow()
            if self.index is None:
                raise NotReady("The search index is being made.")
            return self.index.snapshot, is_current

    def _follow(self):
        if self.thread and self.thread.is_alive():
            return False
        try:
            if not self._open():
                return self._make()
            rows = rows_after(self.index.state)
            if not rows:
                return True
            if len(rows) > AT_ONCE:
                return self._later(lambda: self.index.follow(patience=60))
            self.index.follow()
            return True
        except Lost:
            return self._make()
        except Busy:  # another process is at it, or was
            self._open()
            return False
        except (OSError, ValueError) as error:  # the disk is full, or gone: what was read is searched
            logger.error("The search index cannot follow the changes: %s", error)
            return False

    def _open(self):
        name = self.place.current()
        if name and name != self.name:
            self.index, self.name = self.place.open(name), name
        return name

    def _make(self):
        """Make the index anew: at once if the site is small."""
        if not is_small_site():
            return self._later(self.make)
        self.make()
        return True

    def make(self, report=lambda done, total: None):
        """Make the index anew, and search it from now on. Raises Busy; OSError or ValueError if it cannot be made."""
        made = self.place.make(report)
        with self.lock:
            self.index, self.name = made, self.place.current()

    def _later(self, work):
        """Let a thread do what would keep a reader waiting."""

        def run():
            try:
                work()
            except (Busy, Lost):
                pass  # another process is at it, or a search will see
            except Exception:
                logger.exception("The search index could not be brought up to date.")
            finally:
                connections.close_all()

        self.thread = threading.Thread(target=run, name="search-index", daemon=True)
        self.thread.start()
        return False


_this = None


def searching():
    """The `Searching` of this process."""
    global _this
    if _this is None or _this.process != os.getpid():
        _this = Searching(_place())
    return _this


def _place():
    if settings.SEARCH_INDEX_DIR == MEMORY:
        return Memory()
    folder = Folder(settings.SEARCH_INDEX_DIR)
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
        if os.access(folder.root, os.W_OK):
            return folder
    except OSError:
        pass
    logger.warning("The search index is kept in memory: %s cannot be written to.", folder.root)
    return Memory()


def snapshot():
    """The Snapshot to search, and whether it has followed the whole change log. Raises NotReady."""
    return searching().snapshot()


def prepare():
    """Open the index, or have it made, and follow the log; what prevents that is in the log of the program."""
    try:
        snapshot()
    except NotReady:
        pass
    except Exception:
        logger.exception("The search index could not be opened.")
    finally:
        connections.close_all()


def rebuild(report=lambda done, total: None):
    """Make the index anew beside the one that is searched meanwhile. Raises Busy; OSError or ValueError if it cannot be
    written."""
    searching().make(report)


def faults():
    """What is wrong with the index, in sentences; empty if it is sound as far as counting shows."""
    this = searching()
    if not this.place.current() and not is_small_site():
        return ["There is no search index yet."]
    try:
        found, is_current = this.snapshot()
    except NotReady as error:
        return [str(error)]
    if not is_current:
        count = Change.objects.filter(number__gt=this.index.state.number).count()
        return [f"The search index is {count} change{'' if count == 1 else 's'} behind."]
    wrong = []
    for name, kind in KINDS.items():
        public = kind.public().count()
        indexed = found.count(tantivy.Query.term_query(SCHEMA, "facets", f"kind={name}"))
        if public != indexed:
            wrong.append(f"{kind.label}: {public} are public and {indexed} are in the search index.")
    return wrong


def forget():
    """Open the index anew when next asked, as a process that starts would."""
    global _this
    _this = None
