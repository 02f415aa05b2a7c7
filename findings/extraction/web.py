"""A page of the web -> blocks. Pure. Nothing that it names is fetched."""

import re
from typing import Any

from lxml import etree, html

from curation.sandbox import Unreadable
from findings.extraction.blocks import Block, Kind, clean, is_note, raised
from findings.extraction.plain import lead_of

DAMAGED = "The page cannot be read. Open it in a browser, copy its text and paste that."
UNREAD = frozenset("script style template title head nav noscript svg math form button select iframe object".split())
INLINE = re.compile("a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|time|u|var")
BOLD = frozenset(["b", "strong"])
MOST_DEEP = 250


def read_web(text: str) -> list[Block]:
    """Raises Unreadable."""
    try:
        parser = html.HTMLParser(no_network=True, remove_comments=True, huge_tree=False)
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(DAMAGED) from error
    page = _Page()
    page.walk(root, 0)
    page.end()
    return page.blocks


class _Page:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.pieces: list[str] = []
        self.lead = ""
        self.kind: Kind = "paragraph"
        self.level = 0

    def walk(self, element: Any, depth: int) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in UNREAD or depth > MOST_DEEP:
            return
        if tag == "tr":
            self.row(element)
            return
        inline = INLINE.fullmatch(tag)
        outer = self.kind, self.level
        if tag == "br":
            self.pieces.append(" ")
        elif not inline:
            self.end()
            self.level = int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0
            self.kind = "heading" if self.level else "item" if tag in ("li", "dd") else self.kind
        begins = not "".join(self.pieces).strip()
        if tag == "sup":
            self.pieces.append(raised(self.text_of(element)))
        else:
            start = len(self.pieces)
            self.pieces.append(element.text or "")
            for child in element:
                self.walk(child, depth + 1)
                self.pieces.append(child.tail or "")
            if tag in BOLD and begins and not self.lead and self.kind != "heading":
                self.lead = "".join(self.pieces[start:])
                del self.pieces[start:]
        if not inline:
            self.end()
            self.kind, self.level = outer

    def text_of(self, element: Any) -> str:
        return "".join(str(text) for text in element.itertext())

    def row(self, element: Any) -> None:
        self.end()
        cells = [clean(self.text_of(cell)) for cell in element]
        self.add(Block("row", " | ".join(filter(None, cells))))

    def end(self) -> None:
        text, lead = clean("".join(self.pieces)), clean(self.lead).strip(" .:")
        self.pieces, self.lead = [], ""
        if lead and (not text or len(lead) > 100 or not text[:1].isupper()):
            text, lead = clean(f"{lead} {text}"), ""
        if self.kind == "heading":
            self.add(Block("heading", text, level=self.level))
        elif is_note(text) and not lead:
            self.add(Block("note", text))
        else:
            if not lead:
                lead, text = lead_of(text)
            self.add(Block(self.kind, text, lead=lead))

    def add(self, block: Block) -> None:
        if block.text or block.lead:
            self.blocks.append(block)
