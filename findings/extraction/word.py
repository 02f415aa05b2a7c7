"""A Word document -> blocks. Pure. Trusts nothing that the file says of itself.

Only the parts that hold text are read. Text that is deleted under tracked changes is left out, what is inserted is
read. Heads and feet of pages are not part of the text.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from curation.sandbox import Unreadable
from findings.extraction.blocks import BULLET, Block, Kind, clean, is_note, raised
from findings.extraction.plain import lead_of
from findings.handout_check.office import BOMB, DAMAGED, ENTITIES, refuse_bombs

OTHER = "This is no Word document (.docx). Save the text as one, or paste it."
MOST_BLOCKS = 50_000
MAX_PART = 100 * 1024 * 1024
HEADING = re.compile(r"(?:heading|berschrift|titre)\s*([1-9])", re.I)
NAMES = {"title": 1, "subtitle": 2}
LIST = re.compile(r"list|bullet", re.I)
SKIPPED = frozenset(["del", "moveFrom", "Fallback", "delText", "instrText", "drawing", "pict", "object"])

Element = Any  # of lxml, whose class has no public name


def read_word(data: bytes) -> list[Block]:
    """Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_bombs(archive)
            if "word/document.xml" not in archive.namelist():
                raise Unreadable(OTHER)
            return _Document(archive).read()
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
        RecursionError,
    ) as error:
        raise Unreadable(DAMAGED) from error


@dataclass
class _Text:
    """What is gathered of a paragraph: pieces of text, each with whether it is bold."""

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # (mark, kind and number of the note)

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)

    def lead(self) -> tuple[str, str]:
        """The bold words that it opens with, if something that is not bold follows, and the rest."""
        bold = ""
        for place, (text, is_bold) in enumerate(self.pieces):
            if not is_bold and text.strip():
                rest = "".join(text for text, _ in self.pieces[place:])
                usable = (0 < len(bold.strip()) <= 100 and rest[:1].isspace()) or bold[-1:].isspace()
                return (bold.strip(" .:\t\u00a0"), rest) if bold.strip() and usable else lead_of(self.text)
            bold += text
        return "", self.text


class _Document:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.page = 0
        self.marks = 0
        self.styles = self._styles()
        self.notes = {**self._notes("footnote"), **self._notes("endnote")}

    def read(self) -> list[Block]:
        root = self._part("word/document.xml")
        self.page = 1 if _first(root, "lastRenderedPageBreak") is not None else 0
        body = _first(root, "body")
        blocks: list[Block] = []
        for block in self._blocks(body if body is not None else root):
            if block.text or block.lead:
                blocks.append(block)
            if len(blocks) >= MOST_BLOCKS:
                break
        return blocks

    def _part(self, name: str) -> Element:
        with self.archive.open(name) as file:
            data = file.read(MAX_PART + 1)
        if len(data) > MAX_PART:
            raise Unreadable(BOMB)
        if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
            raise Unreadable(ENTITIES)
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))

    def _styles(self) -> dict[str, str]:
        """Id -> name of each style of paragraphs."""
        if "word/styles.xml" not in self.archive.namelist():
            return {}
        styles = (style for style in self._part("word/styles.xml").iter() if _name(style) == "style")
        return {_value(style, "styleId"): _value(_first(style, "name"), "val") for style in styles}

    def _notes(self, kind: str) -> dict[str, list[Element]]:
        if f"word/{kind}s.xml" not in self.archive.namelist():
            return {}
        found = [note for note in self._part(f"word/{kind}s.xml").iter() if _name(note) == kind]
        return {f"{kind} {_value(note, 'id')}": list(note) for note in found if not _value(note, "type")}

    def _blocks(self, parent: Element) -> Iterator[Block]:
        for child in parent:
            name = _name(child)
            if name == "p":
                yield from self._paragraph(child)
            elif name == "tbl":
                yield from self._table(child)
            elif name not in SKIPPED:
                yield from self._blocks(child)

    def _paragraph(self, element: Element) -> Iterator[Block]:
        gathered = _Text()
        page = self.page
        self._gather(element, gathered, False)
        page = self.page if page and not gathered.text.strip() else page
        text = clean(gathered.text)
        style = self.styles.get(_value(_first(element, "pStyle"), "val"), "")
        level = self._level(element, style)
        if level and text:
            yield Block("heading", text, page, level)
        elif text:
            yield self._said(element, gathered, text, style, page)
        for mark, key in gathered.notes:
            yield from self._note(mark, key, page)

    def _said(self, element: Element, gathered: _Text, text: str, style: str, page: int) -> Block:
        bullet = BULLET.match(text)
        is_item = _first(element, "numPr") is not None or bool(LIST.search(style)) or bool(bullet)
        kind: Kind = "item" if is_item else "paragraph"
        if is_note(text):
            return Block("note", text, page)
        lead, rest = gathered.lead()
        if not lead and bullet:
            rest = text[bullet.end() :]
        return Block(kind, clean(rest), page, lead=clean(lead))

    def _level(self, element: Element, style: str) -> int:
        """The level of a heading, or 0."""
        outline = _value(_first(element, "outlineLvl"), "val")
        if outline.isdecimal() and int(outline) < 9:
            return int(outline) + 1
        match = HEADING.search(style)
        return int(match[1]) if match else NAMES.get(style.lower(), 0)

    def _note(self, mark: str, key: str, page: int) -> Iterator[Block]:
        gathered = _Text()
        for child in self.notes.get(key, []):
            self._gather(child, gathered, False)
            gathered.pieces.append((" ", False))
        text = clean(gathered.text)
        if text:
            yield Block("note", f"{mark} {text}", page)

    def _table(self, element: Element) -> Iterator[Block]:
        for row in element:
            if _name(row) != "tr":
                continue
            cells = []
            for cell in row:
                gathered = _Text()
                for paragraph in cell.iter():
                    if _name(paragraph) == "p":
                        self._gather(paragraph, gathered, False)
                        gathered.pieces.append((" ", False))
                cells.append(clean(gathered.text))
            yield Block("row", " | ".join(filter(None, cells)), self.page)

    def _gather(self, element: Element, into: _Text, is_bold: bool, is_raised: bool = False) -> None:
        name = _name(element)
        if name in SKIPPED:
            return
        if name == "r":
            properties = _first(element, "rPr", deep=False)
            is_bold = _is_on(properties, "b")
            is_raised = _value(_first(properties, "vertAlign"), "val") == "superscript"
        if name == "t":
            text = element.text or ""
            into.pieces.append((raised(text) if is_raised else text, is_bold))
        elif name in ("tab", "br", "cr", "noBreakHyphen"):
            if name == "br" and _value(element, "type") == "page":
                self.page += bool(self.page)
            into.pieces.append(("-" if name == "noBreakHyphen" else " ", is_bold))
        elif name == "lastRenderedPageBreak":
            self.page += 1
        elif name in ("footnoteReference", "endnoteReference"):
            self.marks += 1
            mark = raised(str(self.marks))
            into.notes.append((mark, f"{name.removesuffix('Reference')} {_value(element, 'id')}"))
            into.pieces.append((mark, is_bold))
        else:
            for child in element:
                self._gather(child, into, is_bold, is_raised)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _first(element: Element | None, name: str, deep: bool = True) -> Element | None:
    if element is None:
        return None
    children = element.iter() if deep else iter(element)
    return next((child for child in children if _name(child) == name), None)


def _value(element: Element | None, name: str) -> str:
    """An attribute by its local name; empty if there is none."""
    if element is None:
        return ""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def _is_on(properties: Element | None, name: str) -> bool:
    switch = _first(properties, name)
    return switch is not None and _value(switch, "val") not in ("0", "false", "none")
