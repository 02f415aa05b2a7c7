"""Text at twice its size on a phone: every kind of page shows all of it."""

import pytest

from findings.models import Finding
from tests.factories import withdrawn
from tests.signposts import load_signposts

from .kinds import PAGES

WIDTH = 390
OTHERS = {"handout", "handout, large"}  # sheets, which have the widths of paper
LONGEST = 15  # letters; a browser that knows no English puts no hyphen into longer words

# What of a page is cut off, torn in two or too narrow, once everything that opens is open. An address may break.
FAULTS = r"""([width, longest]) => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    const faults = [], range = document.createRange();
    const hidden = (part) =>
        !part.checkVisibility() || part.closest(".vh, .lg, svg, option, .table-box, .suggestions");
    const letters = /(?<![./@\p{L}])\p{L}{2,}(?![./@\p{L}]\p{L})/gu;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
        const part = text.parentElement;
        if (hidden(part) || part.closest(".copy-text, pre, code, .addr, a[href^='http']")) continue;
        for (const [words, most] of [[letters, longest], [/co-location|joined-up/gi, 99]])
            for (const word of text.data.matchAll(words)) {
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                const boxes = [...range.getClientRects()].filter((box) => box.width > 0.5);
                const told = `${word[0]} in ${part.outerHTML.slice(0, 80)}`;
                const torn = boxes.some((box) => box.top > boxes[0].top + boxes[0].height * 0.6);
                if (torn && word[0].length <= most) faults.push(`torn: ${told}`);
                if (boxes.some((box) => box.right > width + 1 || box.left < -1)) faults.push(`cut off: ${told}`);
            }
    }
    for (const part of document.querySelectorAll("main *")) {
        const box = part.getBoundingClientRect();
        if (!hidden(part) && !part.closest(".rail, .turn, pre") && box.right > width + 1)
            faults.push(`over the edge: ${part.outerHTML.slice(0, 80)}`);
    }
    for (const field of document.querySelectorAll("input, textarea, select")) {
        const { fontSize, paddingLeft, paddingRight } = getComputedStyle(field), letter = parseFloat(fontSize);
        const room = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        if (hidden(field) || ["checkbox", "radio", "file", "hidden"].includes(field.type)) continue;
        if (room < 5 * letter || field.clientHeight < 1.15 * letter)
            faults.push(`small: ${field.outerHTML.slice(0, 80)}`);
    }
    const boxes = [...document.querySelectorAll("header :is(.brand svg, nav a, .tool)")]
        .filter((part) => part.checkVisibility())
        .map((part) => part.getBoundingClientRect());
    const lie = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    if (boxes.some((box, place) => boxes.slice(place + 1).some((other) => lie(box, other))))
        faults.push("on top of each other: two parts of the header");
    return [...new Set(faults)];
}"""
SPLIT = """() => [...document.querySelectorAll(".nb")]
    .filter((word) => getComputedStyle(word).display !== "inline")
    .filter((word) => [...word.parentElement.childNodes].some((part) => part.nodeType === 3 && part.data.trim()))
    .map((word) => word.parentElement.outerHTML.slice(0, 120))"""


@pytest.fixture
def site(live_server):
    load_signposts()
    Finding.objects.filter(number=6).update(**withdrawn())
    return live_server.url


@pytest.mark.browser_context_args(
    viewport={"width": WIDTH, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
)
def test_on_a_phone_nothing_is_cut_off_no_word_is_torn_and_every_field_has_room(site, page):
    wrong = []
    for name, path in PAGES.items():
        if name in OTHERS:
            continue
        page.goto(site + path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        wrong += [f"{name}: {fault}" for fault in page.evaluate(FAULTS, [WIDTH, LONGEST])]
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > WIDTH:
            wrong.append(f"{name}: {wide} pixels wide")
    assert wrong == []


def test_a_compound_that_stays_whole_is_no_item_of_a_flexible_row(site, page):
    wrong = []
    for name, path in PAGES.items():
        page.goto(site + path)
        wrong += [f"{name}: {part}" for part in page.evaluate(SPLIT)]
    assert wrong == []
