"""Workbooks made by hand, as Excel writes them and as nobody should."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def sheet(*rows, after=""):
    """The XML of a sheet with rows given as XML."""
    return f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'


def row(*cells, number=None):
    told = f' r="{number}"' if number else ""
    return f"<row{told}>{''.join(cells)}</row>"


def inline(text, ref=""):
    told = f' r="{ref}"' if ref else ""
    return f'<c{told} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def parts(sheets, strings="", styles="", properties="", main=f"{KIND}.sheet.main+xml"):
    """{path: text} of a workbook with `sheets` {name: XML}."""
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    relations = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
    found = {}
    if strings:
        relations.append(("rId90", "sharedStrings", "/xl/sharedStrings.xml"))
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    if styles:
        relations.append(("rId91", "styles", "styles.xml"))
        found["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    links = "".join(f'<Relationship Id="{i}" Type="{REL}/{kind}" Target="{target}"/>' for i, kind, target in relations)
    kinds = {"xl/workbook.xml": main, "xl/sharedStrings.xml": f"{KIND}.sharedStrings+xml"}
    told = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>'
        for part, kind in kinds.items()
        if part in {"xl/workbook.xml", *found}
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{told}</Types>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">{properties}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>',
        **{f"xl/worksheets/sheet{n}.xml": xml for n, xml in enumerate(sheets.values(), 1)},
        **found,
    }


def packed(files):
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def workbook(*rows, name="Findings", after="", **more):
    return packed(parts({name: sheet(*rows, after=after)}, **more))
