"""Files of entries as a type of file: a review as JSON, a workbook, a CSV file."""

from django import forms
from django.db.models import Q

from curation.imports import filetypes
from curation.imports.filetypes import FileType, ImportRefused, Reading
from curation.imports.forms import UploadForm, file_field
from curation.imports.importing import PROBLEMS_KEPT, told
from curation.imports.matching import found_elsewhere
from curation.imports.models import ImportRow
from findings.review_files import jsonfile
from findings.review_files.checking import check
from findings.review_files.earlier import of_today
from findings.review_files.form import IN_A_FILE, KINDS, PASSAGES

LEFT_OUT = "The passages of the review’s text are left out. Bring the text in by “Read its text” on the review."
SHARED = Q(kind__in=[kind.name for kind in KINDS.values() if kind.is_shared])


class EntriesForm(UploadForm):
    nothing_sent = "Choose a file."
    file = file_field(
        "A review as JSON, or a workbook (XLSX) or CSV file of entries, up to 20 MB and 20,000 entries.",
        ".json,.xlsx,.csv",
    )
    keeps_status = forms.BooleanField(
        required=False,
        label="Keep the status and dates of the file, and the codes of a table",
        help_text="Published entries are then public at once. Otherwise everything comes in as drafts, and a code in a "
        "workbook or CSV file is only a label by which its other rows name the entry.",
    )


class ReviewFile(FileType):
    name = "entries"
    label = "entries"
    title = "Import entries"
    needs = ("sources.add_source", "findings.add_finding")
    formats = {"json": "Review (JSON)", "xlsx": "Workbook (XLSX)", "csv": "CSV"}
    form = EntriesForm
    help = "admin/findings/review/about_files.html"
    filters = {
        "shared": (
            "Shared between reviews, and differing",
            SHARED & Q(match=ImportRow.Match.SAME) & ~Q(differences=[]),
        ),
        **{name: (KINDS[name].label, Q(kind=name)) for name in IN_A_FILE},
    }

    def keeps_codes(self, batch):
        """What a row of a table calls itself is a label for the other rows, unless its whole standing is kept."""
        return batch.format == "json" or batch.keeps_status

    def read(self, data, filename):
        format, document, remarks = _read(data, filename)
        document, more = of_today(document)
        if isinstance(document, dict) and document.get(PASSAGES):
            more.append(("Passages", LEFT_OUT))
        said, problems = check(document, with_labels=format != "json")
        if problems:
            problems += found_elsewhere(said)[1]  # all in one round
            raise ImportRefused(*(told(*one) for one in [*remarks, *more, *problems][:PROBLEMS_KEPT]))
        return Reading(format, said, [(place, message, False) for place, message in [*remarks, *more]])


def _read(data, filename):
    """(format, document, remarks) of a file."""
    extension = filename.rpartition(".")[2].lower()
    if extension in ("xlsx", "csv") or data.startswith(b"PK\x03\x04"):
        from findings.review_files import tables  # with its library, for the first who asks

        table = tables.read(data, filename)
        return "csv" if extension == "csv" else "xlsx", table.document, list(table.problems)
    return "json", jsonfile.read_apart(data), []


REVIEW_FILE = filetypes.register(ReviewFile())
