"""Word documents and slides -> paragraphs. Pure. Trusts nothing that a file says of itself.

They are read as streams of XML, and only the parts that hold text. Nothing is unpacked to a disk, and macros are never
looked at.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath
from xml.parsers import expat

from curation.sandbox import Unreadable
from findings.handout_check.reading import Link, Paragraph
from sources.bibliography.formats import archives

MAX_SLIDES = 1000
MAX_DEPTH = 1000  # of elements in each other
MAX_LINKS = 10_000  # of a part
MAX_LENGTH = 20_000  # of a paragraph
CHUNK = 64 * 1024

BOMB = "The file unpacks to far more than its size. Copy the text and paste it instead."
DAMAGED = "The file is damaged or incomplete. Open it, save it anew and try that file, or paste its text."
ENTITIES = "The file has a document type declaration in it, which no office program writes. It was not opened."
LOCKED = "The file is protected by a password. Save it without one."
OTHER = "This is neither a Word document (.docx) nor slides (.pptx). Save it as one of these, or paste its text."

INSTRUCTION = re.compile(r'\s*HYPERLINK\s+"([^"]{1,2000})"', re.I)


def read_office(data, most):
    """At most `most` paragraphs of a .docx or .pptx, given as bytes. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_bombs(archive)
            return _Package(archive, most).read()
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        OSError,
        NotImplementedError,
        LookupError,
        ValueError,
        OverflowError,
    ) as error:
        raise Unreadable(DAMAGED) from error


def refuse_bombs(archive):
    """Look at what the archive holds before anything is unpacked."""
    if archives.is_bomb(archive):
        raise Unreadable(BOMB)
    if archives.is_locked(archive):
        raise Unreadable(LOCKED)


class _Package:
    def __init__(self, archive, most):
        self.archive, self.most = archive, most
        self.names = set(archive.namelist())
        self.found = []

    def read(self):
        if "word/document.xml" in self.names:
            self.part("word/document.xml", "")
            for name in sorted(self.names):
                match = re.fullmatch(r"word/(header|footer|footnotes|endnotes)[0-9]*\.xml", name)
                if match:
                    self.part(name, match[1].rstrip("s").capitalize())
        elif "ppt/presentation.xml" in self.names:
            for number, name in enumerate(self.slides(), 1):
                self.part(name, f"Slide {number}")
                for kind, part in self.related(name).values():
                    if kind == "notesSlide":
                        self.part(part, f"Slide {number}, notes")
                    elif kind == "diagramData":
                        self.part(part, f"Slide {number}")
        else:
            raise Unreadable(OTHER)
        return self.found

    def slides(self):
        """The parts that are slides, as they are shown."""
        parts = self.related("ppt/presentation.xml")
        wanted = []

        def start(name, values):
            if name == "sldId" and len(wanted) < MAX_SLIDES:
                wanted.append(_relationship(values))

        self.parse("ppt/presentation.xml", start)
        return [parts[key][1] for key in dict.fromkeys(wanted) if key in parts and parts[key][0] == "slide"]

    def related(self, part):
        """Id -> (kind, part or outside address) of what a part refers to."""
        found = {}

        def start(name, values):
            if name == "Relationship" and len(found) < MAX_LINKS:
                kind, target = values.get("Type", "").rpartition("/")[2], values.get("Target", "")
                if values.get("TargetMode") != "External":
                    target = normpath(join("/", dirname(part), target)).lstrip("/")
                found[values.get("Id")] = kind, target

        relations = join(dirname(part), "_rels", f"{basename(part)}.rels")
        if relations in self.names:
            self.parse(relations, start)
        return found

    def part(self, name, where):
        if name in self.names and len(self.found) < self.most:
            links = {key: target for key, (kind, target) in self.related(name).items() if kind == "hyperlink"}
            reader = _Text(links, where, self.found)
            self.parse(name, reader.start, reader.end, reader.text)

    def parse(self, part, start, end=None, text=None):
        """Walk through the XML of a part, whose elements are told by their local names."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_entities
        depth = 0

        def deeper(name, values):
            nonlocal depth
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(DAMAGED)
            start(name.rpartition(" ")[2], values)

        def out(name):
            nonlocal depth
            depth -= 1
            if end:
                end(name.rpartition(" ")[2])

        parser.StartElementHandler, parser.EndElementHandler = deeper, out
        if text:
            parser.CharacterDataHandler = text
        with self.archive.open(part) as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk)
                if len(self.found) >= self.most:
                    return
            parser.Parse(b"", True)


def _refuse_entities(*_):
    raise Unreadable(ENTITIES)


def _relationship(values):
    """The id by which an element names a relationship: an attribute of that namespace, in either form of OOXML."""
    return next((value for key, value in values.items() if re.fullmatch(r".*/relationships (?:id|link)", key)), None)


@dataclass
class _Open:
    """A paragraph that is being read; `link` is (start, address, name of the element that ends it)."""

    pieces: list = field(default_factory=list)
    length: int = 0
    links: list = field(default_factory=list)
    link: tuple | None = None

    def add(self, text):
        if self.length < MAX_LENGTH:
            self.pieces.append(text)
            self.length += len(text)

    def begin_link(self, address, ends_with):
        if address and len(self.links) < MAX_LINKS:
            self.link = self.length, address, ends_with

    def end_link(self, name):
        if self.link and name in (self.link[2], "p"):
            self.links.append(Link(self.link[0], self.length, self.link[1]))
            self.link = None


class _Text:
    """Collects the paragraphs of a part. Those of a text box stand within another, which goes on after them."""

    def __init__(self, links, where, found):
        self.links, self.where, self.found = links, where, found
        self.open = []
        self.inside = ""  # “t” or “instrText”, within one
        self.instruction, self.skipping = "", 0

    def start(self, name, values):
        if self.skipping or name == "Fallback":  # the same again, for older programs
            self.skipping += 1
        elif name == "p":
            self.open.append(_Open())
        elif name == "hlinkClick" and not self.open:  # on a shape
            self.found.append(Paragraph("", self.where, (Link(0, 0, self.links.get(_relationship(values), "")),)))
        elif not self.open:
            pass
        elif name in ("t", "instrText"):
            self.inside, self.instruction = name, ""
        elif name in ("tab", "br", "cr") and self.open[-1].length:
            self.open[-1].add(" ")
        elif name in ("hyperlink", "hlinkClick"):
            ends_with = "r" if name == "hlinkClick" else name
            self.open[-1].begin_link(self.links.get(_relationship(values), ""), ends_with)
        elif name == "fldSimple":
            instruction = next((value for key, value in values.items() if key.endswith(" instr")), "")
            self.open[-1].begin_link(_instructed(instruction), name)
        elif name == "fldChar" and "end" in values.values():
            self.open[-1].end_link(name)

    def end(self, name):
        if self.skipping:
            self.skipping -= 1
        elif self.open:
            if name == "instrText":
                self.open[-1].begin_link(_instructed(self.instruction), "fldChar")
            if name == self.inside:
                self.inside = ""
            elif name in ("hyperlink", "fldSimple", "r", "p"):
                self.open[-1].end_link(name)
            if name == "p":
                self.keep(self.open.pop())

    def text(self, text):
        if self.inside == "t" and not self.skipping and self.open:
            self.open[-1].add(text)
        elif self.inside == "instrText":
            self.instruction = (self.instruction + text)[:MAX_LENGTH]

    def keep(self, paragraph):
        text = "".join(paragraph.pieces)[:MAX_LENGTH]
        if text.strip() or paragraph.links:
            self.found.append(Paragraph(text, self.where, tuple(paragraph.links)))


def _instructed(instruction):
    match = INSTRUCTION.match(instruction)
    return match[1] if match else ""
