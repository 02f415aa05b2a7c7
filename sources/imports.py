"""Sources as a kind of entry that files can hold, and bibliographies as a type of file: RIS, PubMed, BibTeX, CSL-JSON.

A bibliography fills what is empty. What it says otherwise than the source that is held is taken only when somebody asks
for it.
"""

import datetime

from django import forms
from django.db.models import prefetch_related_objects
from django.utils.text import slugify

from curation import tagging
from curation.entries import Status
from curation.imports import filetypes, importing, kinds
from curation.imports.comparing import blank, differences
from curation.imports.filetypes import FileType, ImportRefused, Reading
from curation.imports.forms import UploadForm, file_field
from curation.imports.importing import told
from curation.imports.kinds import Kind, Part
from curation.imports.matching import match_all
from curation.imports.models import Import
from curation.imports.said import Said, shortened
from curation.sandbox import Reader
from sources.bibliography import references
from sources.bibliography.formats import FORMATS
from sources.bibliography.formats.table import KEPT, LABELS, LEFT_OUT
from sources.bibliography.names import initials, spaced
from sources.bibliography.notices import Notice as NoticeOfWork
from sources.bibliography.record import Name, Record, as_json
from sources.bibliography.titles import not_in
from sources.matching import HeldSources
from sources.models import Contributor, LinkCheck, Notice, Remark, Reported, Source
from sources.notices import Kind as WhatHappened
from sources.notices import facts, report
from sources.records import FIELDS, GOES_WITH

Keywords = Import.Keywords

MAX_RECORDS = 20_000
READER = Reader("sources.bibliography.formats:read", 40, 768)
PROBLEMS_OF_A_REFUSAL = 20


class SourceKind(Kind):
    def matcher(self):
        return HeldSources(self)

    def stem(self, values):
        """The first author and the year: “hudson-2002”."""
        people = self.part("contributors").in_order(values["contributors"])
        who = (people[0]["family"] or people[0]["literal"]) if people else " ".join(values["title"][:200].split()[:4])
        return "-".join(filter(None, [slugify(who)[:80].strip("-") or "source", values["issued"][:4]]))

    def variant(self, stem, count):
        """The second of an author and a year is its b, the 27th its aa."""
        letters = ""
        while count:
            count, rest = divmod(count - 1, 26)
            letters = chr(ord("a") + rest) + letters
        return f"{stem[:110]}-{letters}"

    def told_apart(self, entries):
        prefetch_related_objects(entries, "contributors")
        return {source.pk: source.told_apart for source in entries}

    def claims(self, values):
        if values["doi"] and values["status"] != Status.WITHDRAWN:
            yield "doi", values["doi"]

    def claimed(self):
        held = Source.objects.exclude(doi="").exclude(status=Status.WITHDRAWN).order_by()
        return (
            (pk, f"{self.letter}{number}", "doi", doi) for pk, number, doi in held.values_list("pk", "number", "doi")
        )

    def written(self, writings, batch):
        """What was remarked stays with the source. A retraction whose day is not known is a proposal: somebody has to
        look it up."""
        Remark.objects.keep(batch, [(one.entry, *remark) for one in writings for remark in one.remarks])
        for writing in writings:
            reported = [NoticeOfWork(**notice) for notice in writing.said.values.get("reported", {}).get("notices", ())]
            report(writing.entry, reported, "the record that was imported")

    def undone(self, batch):
        Remark.objects.filter(batch=batch).delete()

    def broken_rules(self, values):
        yield from super().broken_rules(values)
        if (values.get("retraction_reason") or values.get("retraction_url")) and not values["retracted_on"]:
            yield "retracted_on", "give the date of the retraction too."


SOURCES = SourceKind(
    "sources",
    Source,
    "title",
    (Part("contributors", Contributor, "source"), Part("notices", Notice, "source")),
    is_shared=True,
    notes=(LinkCheck, Reported, Remark),
)
kinds.register(SOURCES)


class BibliographyForm(UploadForm):
    nothing_sent = "Choose a file or paste records: one of the two."
    file = file_field(
        "RIS (.ris), PubMed (.nbib), BibTeX (.bib), CSL-JSON (.json), or a table with headings: "
        "a spreadsheet (.xlsx), CSV or tab-separated text. Up to 20 MB and 20,000 records.",
        ",".join(extension for format in FORMATS.values() for extension in format.extensions),
        required=False,
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the records here",
        help_text="For more than 2 MB, upload a file.",
        widget=forms.Textarea(attrs={"rows": 10, "cols": 80, "spellcheck": "false"}),
    )

    def clean(self):
        cleaned = super().clean()
        file, text = cleaned.get("file"), cleaned.get("text")
        if not self.errors and bool(file) == bool(text and text.strip()):
            raise forms.ValidationError(self.nothing_sent)
        return cleaned

    def contents(self):
        if self.cleaned_data["file"]:
            return super().contents()
        return self.cleaned_data["text"].encode("utf-8", "replace"), "Pasted text"


class Bibliography(FileType):
    name = "bibliography"
    label = "bibliography"
    title = "Import a bibliography"
    noun = "source", "sources"
    records = "record", "records"
    needs = ("sources.add_source",)
    formats = {name: format.label for name, format in FORMATS.items()}
    fields = LABELS | {KEPT: "Keep in the note", LEFT_OUT: "Leave out"}
    unknown = KEPT
    form = BibliographyForm
    goes_to = "admin:sources_source_changelist"
    repeats = True
    fills = True

    def read(self, data, filename, mapping=None):
        read = READER.read(data, filename, MAX_RECORDS, mapping)
        if not read["are_known"] and mapping is None:
            return Reading(read["format"], [], columns=read["columns"], are_known=False)
        remarks = [(f"Line {line}" if line else "", message, is_fatal) for line, message, is_fatal in read["problems"]]
        if not read["records"]:
            problems = [told(place, message) for place, message, _ in remarks[:PROBLEMS_OF_A_REFUSAL]]
            raise ImportRefused(*problems or ["There are no records in the file."])
        said = _said([(f"Line {record['line']}", record) for record in read["records"]])
        return Reading(read["format"], said, remarks, read["problem_count"], read["columns"])

    def news(self, kind, state, values, only_empty=False):
        """The note is ours to word, and so are tags once there are any. To say less of a date, or to write given
        names as initials, is to say nothing else."""
        said = {
            name: value for name, value in values.items() if value and name in state and name != "issued_is_approximate"
        }
        unsaid = {
            "csl_type": said.get("csl_type") == "document",
            "note": bool(state["note"]),
            "tags": bool(state["tags"]),
            "issued": state["issued"].startswith(values["issued"]),
            "contributors": _say_no_more(said.get("contributors", ()), state["contributors"]),
        }
        said = {name: value for name, value in said.items() if not unsaid.get(name)}
        found = super().news(kind, state, said, only_empty)
        for name, beside in GOES_WITH.items():
            value = values.get(beside, "")  # an older preview has fewer
            if name in found and value != state[beside]:
                found[beside] = value
        if "title" not in found and not_in(state["title"], found.get("title_italics", "")):
            del found["title_italics"]
        return found

    def take_keywords(self, said, which):
        each = [{tagging.key(word): tagging.tidy(word) for word in reversed(_keywords(one))} for one in said]
        every = {key for names in each for key in names}
        known = tagging.called({name for names in each for name in names.values()})
        for one, names in zip(said, each, strict=True):
            ours = {key: known[key].name for key in names if key in known}
            taken = {Keywords.ALL: names | ours, Keywords.KNOWN: ours, Keywords.NONE: {}}[which]
            one.values["tags"] = sorted(taken.values(), key=str.casefold)
        return {Keywords.ALL: len(every), Keywords.KNOWN: len(every & known.keys()), Keywords.NONE: 0}

    def updates_unasked(self, kind):
        return False

    def detail(self, values):
        people = [Name(**person) for person in values["contributors"]]
        accessed = values["accessed_on"] and datetime.date.fromisoformat(values["accessed_on"])
        said = {name: values[name] for name in FIELDS if name in values}  # an older preview has fewer
        record = Record(**said | {"contributors": people, "accessed_on": accessed})
        return references.reference(record, "harvard")

    def warnings(self, values):
        told = {one["kind"] for one in [*values["notices"], *values.get("reported", {}).get("notices", ())]}
        told |= {WhatHappened.RETRACTED} if values.get("retracted_on") else set()
        return [kind.label for kind in WhatHappened if kind in told]

    def left_out(self, values):
        taken = set(map(tagging.key, values["tags"]))
        return [word for word in values.get("keywords", ()) if tagging.key(word) not in taken]


def _keywords(said):
    """Those that can be tags."""
    return [word for word in said.values.get("keywords", ()) if tagging.key(word) and _fits(word)]


BIBLIOGRAPHY = filetypes.register(Bibliography())


def keep_records(records, name, user=None):
    """Keep records that come from no file as an Import to look at."""
    said = _said([(f"Work {number}", as_json(record)) for number, record in enumerate(records, 1)])
    return importing.keep(BIBLIOGRAPHY, Reading("", said), name, user)


def matched(records):
    """What an import of them would find: for each record, whether a source is held (`curation.imports.matching`)."""
    return match_all(_said([("", as_json(record)) for record in records]))


def news_of(state, record):
    """{key: value} of what a record says of a work otherwise than the `state` of the source that we hold, without its
    keywords and notices, which are for people to decide on."""
    found = BIBLIOGRAPHY.news(SOURCES, state, _values(as_json(record)))
    return {name: value for name, value in found.items() if name in SOURCES.names and name not in ("notices", "tags")}


def said_otherwise(record, other):
    """What `other` says of a work otherwise than `record`, as a preview shows it (`comparing.differences`)."""
    state = blank(SOURCES) | _values(as_json(record))
    return differences(SOURCES, state, news_of(state, other))


def _said(records):
    """Records as JSON has them, with their places, as the entries of an import."""
    return [Said(SOURCES, place, _values(record), _remarks(record)) for place, record in records]


def _remarks(record):
    """What its reader remarked, by the keys of a source, and which keywords are no tags whatever somebody chooses."""
    ours = {"keywords": "tags", "notices": ""}
    remarks = [[ours.get(field, field), message] for field, message in record["remarks"]]
    long = [["tags", f"“{shortened(word)}” is too long for a tag."] for word in record["keywords"] if not _fits(word)]
    return [[field if field in SOURCES.names else "", shortened(message, 400)] for field, message in remarks + long]


def _fits(word):
    return len(tagging.tidy(word)) <= tagging.LONGEST


def _values(record):
    """A record as an entry says it, with its keywords beside, none of which is a tag yet."""
    people = [_person(name) for name in record["contributors"] if name["family"] or name["given"] or name["literal"]]
    retraction, notices, reported = facts([NoticeOfWork(**notice) for notice in record["notices"]])
    values = {name: record[name] for name in FIELDS} | retraction
    values |= {"notices": notices, "reported": {"notices": reported}, "keywords": list(record["keywords"])}
    return values | {"contributors": SOURCES.part("contributors").in_order(people), "tags": []}


def _person(name):
    """A row of contributors: an organisation has a literal name alone, and whoever has one name has it for a family
    name."""
    is_organisation, family = bool(name["literal"]), name["family"] or name["given"]
    return {
        "role": name["role"],
        "family": "" if is_organisation else family,
        "given": name["given"] if name["family"] and not is_organisation else "",
        "literal": name["literal"],
    }


def _say_no_more(people, ours):
    """Whether a file names the people that we name, with no more of a given name than we have."""
    return len(people) == len(ours) and all(map(_says_no_more, people, ours))


def _says_no_more(person, ours):
    given, held = (spaced(one["given"]).replace(".", "") for one in (person, ours))
    are_initials = all(len(word) == 1 for word in given.split())
    is_less = given == held or (are_initials and bool(held) and initials(held, "").startswith(initials(given, "")))
    return is_less and all(person[name] == ours[name] for name in ("role", "family", "literal"))
