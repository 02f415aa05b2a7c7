"""Files of spreadsheet programs as grids of text: what programs write is read, what nobody should send is refused."""

import datetime
import io
import zipfile

import pytest
from openpyxl import Workbook

from findings.review_files import grids
from findings.review_files.grids import Dated, Unreadable, read_grids
from sources.bibliography.formats import archives
from tests.findings.review_files.files import inline, packed, parts, row, sheet, workbook

HEAD = row(inline("Heading"), inline("Body"))
FORMATS = (
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy"/>'
    '<numFmt numFmtId="165" formatCode="[$-809]d\\ mmmm\\ yyyy"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="17"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="2"/><xf numFmtId="20"/></cellXfs>'
)


def refused(data):
    with pytest.raises(Unreadable) as told:
        read_grids(data)
    [message] = told.value.messages
    return message


def cells(data):
    [grid] = read_grids(data)
    return grid.rows


class TestWorkbooks:
    def test_shared_strings_are_put_together_from_runs_without_reading_aids(self):
        strings = (
            "<si><t>Heading</t></si><si><r><t>Trust </t></r><r><rPr><b/></rPr><t>grows</t></r>"
            "<rPh sb='0' eb='1'><t>aid</t></rPh></si><si><t>one_x000D_two _x005F_x0041_</t></si><si/>"
        )
        rows = [
            row('<c r="A1" t="s"><v>0</v></c>', number=1),
            row(*(f'<c r="{c}5" t="s"><v>{n}</v></c>' for c, n in [("A", 1), ("C", 2), ("D", 3)]), number=5),
        ]
        assert cells(workbook(*rows, strings=strings)) == [
            (1, {0: "Heading"}),
            (5, {0: "Trust grows", 2: "one\rtwo _x0041_"}),
        ]

    def test_cells_without_references_stand_one_after_the_other(self):
        assert cells(workbook(row(inline("a"), "<c/>", inline("c")), row(inline("d")))) == [
            (1, {0: "a", 2: "c"}),
            (2, {0: "d"}),
        ]

    def test_numbers_come_as_they_are_written(self):
        values = ["2003", "2003.0", "2.003E3", "11.199999999999999", "-4", "9781904984123"]
        assert cells(workbook(row(*(f"<c><v>{value}</v></c>" for value in values)))) == [
            (1, dict(enumerate(["2003", "2003", "2003", "11.2", "-4", "9781904984123"])))
        ]

    @pytest.mark.parametrize(
        ("style", "text"), [(1, "2003-05-12"), (2, "2003-05"), (3, "2003"), (4, "2003-05-12"), (5, "37753")]
    )
    def test_a_date_comes_as_much_as_its_style_shows(self, style, text):
        [(_, found)] = cells(workbook(row(f'<c s="{style}"><v>37753</v></c>'), styles=FORMATS))
        assert found == {0: text}
        assert isinstance(found[0], Dated) == (style != 5)

    def test_dates_may_count_from_1904_or_be_written_out(self):
        rows = row('<c s="1"><v>36291</v></c>', '<c t="d"><v>2003-05-12T10:00:00</v></c>', '<c s="6"><v>0.5</v></c>')
        [(_, found)] = cells(workbook(rows, styles=FORMATS, properties='<workbookPr date1904="1"/>'))
        assert found == {0: "2003-05-12", 1: "2003-05-12", 2: "12:00:00"}

    def test_truth_values_are_yes_and_no(self):
        assert cells(workbook(row('<c t="b"><v>1</v></c>', '<c t="b"><v>0</v></c>'))) == [(1, {0: "yes", 1: "no"})]

    def test_a_formula_counts_by_its_result_and_without_one_is_told(self):
        [grid] = read_grids(
            workbook(
                row('<c r="A1" t="str"><f>B1</f><v>result</v></c>', '<c r="B1"><f>1+1</f><v>2</v></c>'),
                row('<c r="A2"><f>1+1</f><v></v></c>', '<c r="B2" t="str"><f>B9</f><v></v></c>', number=2),
            )
        )
        assert grid.rows == [(1, {0: "result", 1: "2"})]
        assert grid.problems == [("Findings, cell A2", grids.NO_VALUE)]

    def test_errors_and_merged_cells_are_told_by_cell(self):
        merged = '<mergeCells><mergeCell ref="A2:B3"/></mergeCells>'
        rows = row('<c r="C1" t="e"><v>#REF!</v></c>', inline("kept", "E1"))
        [grid] = read_grids(workbook(rows, after=merged))
        assert grid.rows == [(1, {4: "kept"})]
        assert [place for place, _ in grid.problems] == [
            "Findings, cell C1",
            "Findings, cells A2:B3",
        ]
        assert "#REF!" in grid.problems[0][1]

    def test_a_workbook_of_another_program_is_read(self):
        book = Workbook()
        page = book.active
        page.title = "Findings"
        page.append(["Heading", datetime.date(2003, 5, 12), 7, True, "=1+1", None, " "])
        page.merge_cells("A3:B4")
        page["A3"] = "merged"
        book.create_sheet("Empty")
        book.create_chartsheet("Chart")
        file = io.BytesIO()
        book.save(file)
        first, second = read_grids(file.getvalue())
        assert first.rows == [(1, {0: "Heading", 1: "2003-05-12", 2: "7", 3: "yes"}), (3, {0: "merged"})]
        assert [place for place, _ in first.problems] == ["Findings, cell E1", "Findings, cells A3:B4"]
        assert (second.name, second.rows) == ("Empty", [])

    def test_the_strict_form_of_ooxml_and_prefixes_are_read(self):
        strict = workbook(row(inline("a")))
        usual_to_strict = {usual.decode(): here.decode() for here, usual in grids.STRICT.items()}
        files = {}
        with zipfile.ZipFile(io.BytesIO(strict)) as archive:
            for name in archive.namelist():
                text = archive.read(name).decode()
                for usual, here in usual_to_strict.items():
                    text = text.replace(usual, here)
                files[name] = (
                    text.replace("<row", "<x:row")
                    .replace("</row", "</x:row")
                    .replace("<worksheet ", f'<worksheet xmlns:x="{next(iter(usual_to_strict.values()))}" ')
                )
        assert cells(packed(files)) == [(1, {0: "a"})]

    def test_a_lying_dimension_and_far_rows_hide_nothing(self):
        assert cells(workbook(HEAD, row(inline("far"), number=1_048_576)))[1] == (1_048_576, {0: "far"})

    def test_charts_are_no_sheets(self):
        files = parts({"Findings": sheet(HEAD), "Chart": "<chartsheet/>"})
        rels = "xl/_rels/workbook.xml.rels"
        files[rels] = files[rels].replace('/worksheet" Target="worksheets/sheet2', '/chartsheet" Target="chartsheets/s')
        assert [grid.name for grid in read_grids(packed(files))] == ["Findings"]


class TestHostileFiles:
    def test_too_large(self, monkeypatch):
        monkeypatch.setattr(grids, "MAX_BYTES", 10)
        assert refused(b"Heading;Body") == grids.TOO_LARGE

    def test_a_bomb_is_refused_before_it_is_unpacked(self, monkeypatch):
        bombs = [packed({"[Content_Types].xml": b" " * 30_000_000}), packed({str(n): b"" for n in range(5001)})]
        monkeypatch.setattr(zipfile.ZipFile, "open", None)
        assert [refused(bomb) for bomb in bombs] == [grids.BOMB] * 2

    def test_one_that_is_only_large_is_refused_too(self, monkeypatch):
        monkeypatch.setattr(archives, "MOST_UNPACKED", 500)
        assert refused(workbook(HEAD)) == grids.BOMB

    def test_a_part_that_is_larger_than_the_archive_says_is_damaged(self):
        data = bytearray(workbook(*[HEAD] * 50))
        # The size in the directory at the end, which is what is believed.
        place = data.rfind(b"xl/worksheets/sheet1.xml") - 46
        data[place + 24 : place + 28] = (100).to_bytes(4, "little")
        assert refused(bytes(data)) == grids.DAMAGED

    @pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
    @pytest.mark.parametrize(
        "declared",
        [
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
            '<!DOCTYPE x SYSTEM "http://example.org/x.dtd">',
        ],
    )
    def test_entities_are_refused(self, name, declared):
        files = parts({"Findings": sheet(row(inline("&a;")))}, strings="<si><t>a</t></si>")
        files[name] = declared + files[name]
        assert refused(packed(files)) == grids.ENTITIES

    def test_entities_are_refused_in_utf_16(self):
        files = parts({"Findings": sheet(HEAD)})
        files["xl/worksheets/sheet1.xml"] = ("<!DOCTYPE x>" + sheet(HEAD)).encode("utf-16")
        assert refused(packed(files)) == grids.ENTITIES

    def test_protected_old_and_other_forms_are_named(self):
        assert refused(grids.OLE + b"\0" * 600) == grids.OLD
        assert refused(grids.OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")) == grids.LOCKED
        data = bytearray(workbook(HEAD))
        data[data.rfind(b"PK\x01\x02") + 8] |= 1
        assert refused(bytes(data)) == grids.LOCKED
        files = parts({"Findings": sheet(HEAD)})
        assert refused(packed({**files, "xl/vbaProject.bin": b"x"})) == grids.MACROS
        macros = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        assert refused(packed(parts({"Findings": sheet(HEAD)}, main=macros))) == grids.MACROS
        assert refused(packed({**files, "xl/workbook.bin": b"x"})) == grids.BINARY
        assert refused(packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"})) == grids.NO_WORKBOOK
        word = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}
        assert refused(packed(word)) == grids.NO_WORKBOOK

    @pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
    def test_one_cut_off_is_damaged(self, share):
        data = workbook(*[HEAD] * 20)
        assert refused(data[: int(len(data) * share)]) == grids.DAMAGED

    @pytest.mark.parametrize("place", range(0, 100, 7))
    def test_one_with_wrong_bytes_is_read_or_refused_in_words(self, place):
        data = bytearray(workbook(*[HEAD] * 5, strings="<si><t>a</t></si>", styles=FORMATS))
        start = len(data) * place // 100
        data[start : start + 8] = b"\xff\x00\x41\x80\x13\x37\x00\xff"
        try:
            read_grids(bytes(data))
        except Unreadable as error:
            assert error.messages

    @pytest.mark.parametrize(
        "broken",
        [
            row('<c t="s"><v>7</v></c>'),
            row('<c t="s"><v>x</v></c>'),
            "<row r='x'/>",
            f"<row r='{'9' * 5000}'/>",
            row('<c s="x"><v>1</v></c>'),
            row("<c><v>much</v></c>"),
            row("<c><v>nan</v></c>"),
            "<row>",
            "<mergeCell/>",
        ],
    )
    def test_a_sheet_that_makes_no_sense_is_damaged(self, broken):
        assert refused(workbook(broken)) == grids.DAMAGED

    def test_a_sheet_that_is_not_there_is_damage(self):
        files = parts({"Findings": sheet(HEAD)})
        del files["xl/worksheets/sheet1.xml"]
        assert refused(packed(files)) == grids.DAMAGED

    def test_numbers_out_of_bounds_are_told_by_cell(self):
        rows = row(inline("kept"), *(f"<c s='1'><v>{n}</v></c>" for n in ["1e400", "1e300", "-99999999"]))
        [grid] = read_grids(workbook(rows, styles=FORMATS))
        assert grid.rows == [(1, {0: "kept"})]
        assert len(grid.problems) == 3

    def test_very_many_empty_rows_that_are_formatted_do_no_harm(self):
        empty = '<row r="{}" s="3" customFormat="1"><c r="A{}" s="3"/></row>'
        rows = "".join(empty.format(n, n) for n in range(2, 300_000))
        assert cells(workbook(HEAD, rows, row(inline("last")))) == [
            (1, {0: "Heading", 1: "Body"}),
            (300_000, {0: "last"}),
        ]

    def test_too_many_rows_in_all_sheets_together(self, monkeypatch):
        monkeypatch.setattr(grids, "MAX_ROWS", 3)
        two = {"Findings": sheet(HEAD, HEAD), "Sources": sheet(HEAD, HEAD)}
        assert refused(packed(parts(two))) == grids.MANY_ROWS
        assert refused(b"Heading;Body\na;b\n" * 2) == grids.MANY_ROWS
        assert len(cells(b"Heading;Body\n\n;\na;b\n")) == 2

    def test_a_file_of_nothing_but_empty_lines(self, monkeypatch):
        monkeypatch.setattr(grids, "MAX_LINES", 9)
        assert cells(b"\n" * 9) == []
        assert refused(b"\n" * 10) == grids.MANY_ROWS

    def test_too_many_columns(self):
        assert "200 columns (see Findings, cell GS1)" in refused(workbook(row(inline("a", "GS1"))))
        assert "200 columns (see cell GS1)" in refused(b";" * 200 + b"a")
        assert cells(workbook(row(inline("a", "GR1"), '<c r="XFD1" s="0"/>'))) == [(1, {199: "a"})]

    def test_too_long_a_cell_is_told(self):
        for data in [workbook(HEAD, row(inline("a" * 32_768), inline("b"))), b"Heading;Body\n" + b"a" * 32_768 + b";b"]:
            [grid] = read_grids(data)
            assert grid.rows[1] == (2, {1: "b"})
            [(place, message)] = grid.problems
            assert place.endswith("cell A2")
            assert message == grids.LONG
        strings = f"<si><t>{'a' * 32_768}</t></si>"
        [grid] = read_grids(workbook(row('<c t="s"><v>0</v></c>'), strings=strings))
        assert grid.problems == [("Findings, cell A1", grids.LONG)]

    def test_too_many_cells_that_cannot_be_read_end_the_reading(self, monkeypatch):
        monkeypatch.setattr(grids, "MAX_PROBLEMS", 3)
        assert "More than 3 cells cannot be read" in refused(b"#REF!\n" * 5)
        merged = '<mergeCell ref="A1:A2"/>' * 5
        assert "More than 3 cells cannot be read" in refused(workbook(HEAD, after=merged))

    def test_too_many_strings_styles_or_cells_are_a_bomb(self, monkeypatch):
        monkeypatch.setattr(grids, "MAX_ELEMENTS", 20)
        for many in [workbook(HEAD, strings="<si/>" * 30), workbook(HEAD, styles="<xf/>" * 30), workbook(*[HEAD] * 30)]:
            assert refused(many) == grids.BOMB


class TestCsv:
    @pytest.mark.parametrize("sign", ";\t,")
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_sign_encoding_and_line_end_is_read(self, sign, encoding, end):
        text = end.join([sign.join(["Heading", "Body"]), "", sign.join(["Née", f'"a, b; c{end}d"'])])
        assert cells(text.encode(encoding)) == [(1, {0: "Heading", 1: "Body"}), (3, {0: "Née", 1: "a, b; c\nd"})]

    def test_the_line_that_names_the_sign_is_no_row(self):
        assert cells(b"sep=;\r\nHeading, and more;Body\r\n") == [(2, {0: "Heading, and more", 1: "Body"})]

    def test_errors_are_told_by_cell(self):
        [grid] = read_grids(b"Heading;Body\na;#NAME?\n")
        assert grid.rows[1] == (2, {0: "a"})
        assert [place for place, _ in grid.problems] == ["cell B2"]

    def test_the_apostrophe_of_our_own_files_goes(self):
        assert cells(b"Heading\n'=1\n'tis\n'\n") == [
            (1, {0: "Heading"}),
            (2, {0: "=1"}),
            (3, {0: "'tis"}),
            (4, {0: "'"}),
        ]

    def test_bytes_that_no_text_has_are_refused(self):
        assert refused(b"Heading;Body\na;b\0c\n") == grids.NOT_TEXT
        assert refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") == grids.NOT_TEXT

    def test_a_quotation_mark_that_is_not_closed_swallows_nothing_in_silence(self):
        assert "In row 2 a quotation mark" in refused(b'Heading;Body\na;"b\nc;d\n')
        assert "In row 3 a quotation mark" in refused(b'Heading;Body\na;b\nc;"d"e\n')

    def test_a_field_of_megabytes_is_refused(self):
        assert "In row 2 a cell is far too long" in refused(b'Heading;Body\na;"' + b"b" * 5_000_000 + b'"\n')
