"""Sources as a kind of entry that files can hold, and bibliographies as a type of file: RIS, PubMed, BibTeX, CSL-JSON.

A bibliography fills what is empty. What it says otherwise than the source that is held is taken only when somebody asks
for it.
"""

from django import forms
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
from curation.imports.said import Said
from curation.sandbox import Reader
from sources.bibliography.formats import FORMATS
from sources.bibliography.names import spaced
from sources.bibliography.notices import Notice as NoticeOfWork
from sources.bibliography.record import as_json
from sources.matching import HeldSources
from sources.models import Contributor, LinkCheck, Notice, Reported, Source
from sources.notices import facts, report
from sources.records import FIELDS

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

    def claims(self, values):
        if values["doi"] and values["status"] != Status.WITHDRAWN:
            yield "doi", values["doi"]

    def claimed(self):
        held = Source.objects.exclude(doi="").exclude(status=Status.WITHDRAWN).order_by()
        return (
            (pk, f"{self.letter}{number}", "doi", doi) for pk, number, doi in held.values_list("pk", "number", "doi")
        )

    def written(self, writings):
        """A retraction whose day is not known is a proposal: somebody has to look it up."""
        for entry, values in writings:
            reported = [NoticeOfWork(**notice) for notice in values.get("reported", {}).get("notices", ())]
            report(entry, reported, "the record that was imported")

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
    notes=(LinkCheck, Reported),
)
kinds.register(SOURCES)


class BibliographyForm(UploadForm):
    nothing_sent = "Choose a file or paste records: one of the two."
    file = file_field(
        "RIS (.ris), PubMed (.nbib), BibTeX (.bib) or CSL-JSON (.json), up to 20 MB and 20,000 records.",
        ".ris,.nbib,.bib,.bibtex,.json,.txt",
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
    form = BibliographyForm
    goes_to = "admin:sources_source_changelist"
    repeats = True
    fills = True

    def read(self, data, filename):
        read = READER.read(data, filename, MAX_RECORDS)
        remarks = [(f"Line {line}" if line else "", message, is_fatal) for line, message, is_fatal in read["problems"]]
        if not read["records"]:
            problems = [told(place, message) for place, message, _ in remarks[:PROBLEMS_OF_A_REFUSAL]]
            raise ImportRefused(*problems or ["There are no records in the file."])
        said = _said([(f"Line {record['line']}", record) for record in read["records"]])
        return Reading(read["format"], said, remarks, read["problem_count"])

    def news(self, kind, state, values, only_empty=False):
        """The note is ours to word, and tags are for new sources. To say less of a date, or to write initials together,
        is to say nothing else."""
        said = {
            name: value
            for name, value in values.items()
            if value and name in state and name not in ("tags", "issued_is_approximate")
        }
        same_people = _apart(said.get("contributors", ())) == _apart(state["contributors"])
        unsaid = {
            "csl_type": said.get("csl_type") == "document",
            "note": bool(state["note"]),
            "issued": state["issued"].startswith(values["issued"]),
            "contributors": same_people,
        }
        said = {name: value for name, value in said.items() if not unsaid.get(name)}
        found = super().news(kind, state, said, only_empty)
        if "issued" in found and values["issued_is_approximate"] != state["issued_is_approximate"]:
            found["issued_is_approximate"] = values["issued_is_approximate"]
        return found

    def updates_unasked(self, kind):
        return False

    def detail(self, values):
        people = values["contributors"]
        who = "; ".join(person["literal"] or person["family"] for person in people[:3])[:200]
        issued = values["issued"] and f"({values['issued']})"
        told = " ".join(filter(None, [who + (" and others" if len(people) > 3 else ""), issued]))
        return ", ".join(filter(None, [told, values["container_title"][:200]]))


BIBLIOGRAPHY = filetypes.register(Bibliography())


def keep_records(records, name, user=None, problems=()):
    """Keep records that come from no file as an Import to look at. `problems` are sentences, each with the number of
    its record, from 1."""
    said = _said([(f"Work {number}", as_json(record)) for number, record in enumerate(records, 1)])
    remarks = [(f"Work {number}", message, False) for number, message in problems]
    return importing.keep(BIBLIOGRAPHY, Reading("", said, remarks), name, user)


def matched(records):
    """What an import of them would find: for each record, whether a source is held (`curation.imports.matching`)."""
    return match_all(_said([("", as_json(record)) for record in records]))


def news_of(state, record):
    """{key: value} of what a record says of a work otherwise than the `state` of the source that we hold, without its
    keywords and notices, which are for people to decide on."""
    found = BIBLIOGRAPHY.news(SOURCES, state, _values(as_json(record), {}))
    return {name: value for name, value in found.items() if name in SOURCES.names and name not in ("notices", "tags")}


def said_otherwise(record, other):
    """What `other` says of a work otherwise than `record`, as a preview shows it (`comparing.differences`)."""
    state = blank(SOURCES) | _values(as_json(record), {})
    return differences(SOURCES, state, news_of(state, other))


def _said(records):
    """Records as JSON has them, with their places, as the entries of an import."""
    known = tagging.called({word for _, record in records for word in record["keywords"]})
    return [Said(SOURCES, place, _values(record, known)) for place, record in records]


def _values(record, known):
    """A record as an entry says it, with those of its keywords that are tags here."""
    people = [_person(name) for name in record["contributors"] if name["family"] or name["given"] or name["literal"]]
    tags = [known[key].name for key in dict.fromkeys(map(tagging.key, record["keywords"])) if key in known]
    retraction, notices, reported = facts([NoticeOfWork(**notice) for notice in record["notices"]])
    values = {name: record[name] for name in FIELDS} | retraction
    values |= {"notices": notices, "reported": {"notices": reported}}
    return values | {"contributors": SOURCES.part("contributors").in_order(people), "tags": tags}


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


def _apart(people):
    return [row | {"given": spaced(row["given"])} for row in people]
