"""The lists of the desk as CSV and XLSX, so that no cell is ever taken for a formula."""

import csv
import datetime
import json
import re
from io import BytesIO

from django.contrib import admin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import capfirst, slugify

from curation.spreadsheets import FORMULA, MOST_IN_A_CELL
from curation.text import printable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CUT = " … (cut here: a cell holds no more)"
ROWS_TOGETHER = 2000

ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def guarded(text):
    """`text` for a cell of a CSV file: with an apostrophe before it where a spreadsheet would see a formula."""
    text = printable(text)
    return f"'{text}" if FORMULA.match(text) else text


def text_cell(sheet, text):
    """A cell of an XLSX sheet that holds `text` as text, whatever it begins with. ValueError if it is too long."""
    from openpyxl.cell import WriteOnlyCell

    # Excel reads _x0041_ as the character of that number.
    text = ESCAPE.sub("_x005F_", printable(text))
    if len(text) > MOST_IN_A_CELL:
        raise ValueError(f"A cell holds no more than {MOST_IN_A_CELL:,} characters.")
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = bool(FORMULA.match(text))  # so that it stays text when somebody edits it
    return cell


def csv_lines(rows):
    """The lines of a CSV file, as bytes, one by one. Every cell is quoted: a semicolon within begins no new one."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    for row in rows:
        yield writer.writerow([guarded(str(value)) for value in row]).encode()


class _Echo:
    def write(self, line):
        return line


def xlsx(title, rows):
    """The bytes of a workbook with one sheet."""
    from openpyxl import Workbook  # with its library, for the first who asks

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([value if isinstance(value, int) else text_cell(sheet, _fitted(str(value))) for value in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _fitted(text):
    # Half, as escapes may make it longer.
    return text if len(text) <= MOST_IN_A_CELL // 2 else text[: MOST_IN_A_CELL // 2] + CUT


def as_cell(value):
    """A value of a field as a whole number or as text for people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


class ExportsList:
    """For an admin: its list as a file, to whoever may see it. Every field goes in, what the row is linked with, its
    address, and what `exported` names: attributes or methods, as in `list_display`."""

    exported = []
    actions = ["export_csv", "export_xlsx"]

    @admin.action(permissions=["view"], description="Export as CSV")
    def export_csv(self, request, queryset):
        lines = csv_lines(self.table(request, queryset))
        return _attached(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), self.opts, "csv")

    @admin.action(permissions=["view"], description="Export as XLSX")
    def export_xlsx(self, request, queryset):
        book = xlsx(str(capfirst(self.opts.verbose_name_plural)), self.table(request, queryset))
        return _attached(HttpResponse(book, content_type=XLSX), self.opts, "xlsx")

    def table(self, request, queryset):
        """The heading row, then a row of cells for each entry; the same few queries for any number."""
        fields, linked = self.opts.concrete_fields, self.opts.many_to_many
        has_address = hasattr(self.model, "get_absolute_url")
        yield [
            *(capfirst(label_for_field(name, self.model, self)) for name in self.exported),
            *(capfirst(field.verbose_name) for field in fields),
            *(capfirst(field.verbose_name) for field in linked),
            *(["Page"] if has_address else []),
        ]
        parents = [field.name for field in fields if field.is_relation]
        if parents:
            queryset = queryset.select_related(*parents)
        queryset = queryset.prefetch_related(*(field.name for field in linked))
        for entry in queryset.iterator(chunk_size=ROWS_TOGETHER):
            yield [
                *(as_cell(lookup_field(name, entry, self)[2]) for name in self.exported),
                *(as_cell(_value(entry, field)) for field in fields),
                *("; ".join(_named(other) for other in getattr(entry, field.name).all()) for field in linked),
                *([request.build_absolute_uri(entry.get_absolute_url())] if has_address else []),
            ]


def _value(entry, field):
    if field.choices:
        return getattr(entry, f"get_{field.name}_display")()
    return getattr(entry, field.name)


def _named(other):
    return getattr(other, "code", None) or str(other)


def _attached(response, opts, extension):
    name = f"{slugify(opts.verbose_name_plural)}-{timezone.localdate():%Y-%m-%d}.{extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
