"""From passage to finding to practice point: as rows, as CSV and as a drawing."""

import csv
import io
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType

from findings.extraction.models import Passage, ReviewText, Use
from findings.models import Finding, KeyMessage, PracticeImplication

STEP, TOP, WIDTH = 34, 44, 1000
# Where the names of a column begin in the drawing, how many letters they have, and where its lines begin.
COLUMNS = {"passage": (10, 22, 230), "finding": (280, 36, 620), "point": (690, 34, 1000)}
HEADER = ["sentence", "section", "paragraph", "page", "made of it", "code", "heading", "status", "reason", "leads to"]


@dataclass(frozen=True)
class Row:
    """A sentence, or a part of it, an entry that it went into, and what rests on that."""

    passage: Passage
    sentence: object
    leads_to: tuple = ()


def rows_of(text, sentences=None):
    """A row for each passage of a text, or of some sentences of it, in order, and for each open sentence one without;
    in a few queries."""
    after = leading_from(text.review)
    for sentence in in_order(text) if sentences is None else sentences:
        passages = list(sentence.passages.all())
        if not passages:
            yield Row(None, sentence)
        for passage in passages:
            key = (passage.content_type_id, passage.object_id)
            yield Row(passage, sentence, tuple(after.get(key, ())))


def in_order(text, section=None):
    """The sentences of a text, or of a section of it, with what was made of them."""
    return (section or text).sentences.with_passages().order_by("number", "part")


def leading_from(review):
    """(kind, id) of each finding -> the practice points and key messages that rest on it."""
    kind = ContentType.objects.get_for_model(Finding).pk
    after = {}
    for model in (PracticeImplication, KeyMessage):
        for entry in model.objects.filter(review=review).prefetch_related("findings"):
            for finding in entry.findings.all():
                after.setdefault((kind, finding.pk), []).append(entry)
    return after


def passages(review):
    """What each entry was made of, for a file of the review: a dict for each passage, in the order of the text."""
    text = ReviewText.objects.filter(review=review).first()
    return [
        {
            "entry": getattr(row.passage.entry, "code", None) or row.passage.entry.slug,
            "use": row.passage.use,
            "sentence": row.sentence.label,
            "section": row.sentence.section.title,
            "paragraph": row.sentence.paragraph or None,
            "page": row.sentence.page or None,
            "passage": row.passage.wording,
        }
        for row in (rows_of(text) if text else ())
        if row.passage and row.passage.entry
    ]


def as_csv(text, with_passages=False):
    """The rows as CSV; with the words of the review only if asked for."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*HEADER, *(["passage"] if with_passages else [])])
    for row in rows_of(text):
        one, passage = row.sentence, row.passage
        entry = passage.entry if passage else None
        words = passage.wording if passage else one.wording
        writer.writerow(
            [
                one.label,
                _safe(one.section.title),
                one.paragraph or "",
                one.page or "",
                passage.get_use_display() if passage else "Open",
                getattr(entry, "code", ""),
                _safe(str(entry or "")),
                entry.get_status_display() if hasattr(entry, "get_status_display") else "",
                _safe(passage.reason if passage else ""),
                " ".join(other.code for other in row.leads_to),
                *([_safe(words)] if with_passages else []),
            ]
        )
    return out.getvalue()


def _safe(text):
    """Not to be taken for a formula by a spreadsheet."""
    return f"'{text}" if text[:1] in "=+-@\t" else text


def drawing(rows, in_one_section=False):
    """What a picture of the trail shows, for a template: names at their places and curves between them."""
    places, nodes, lines = {}, [], []
    counts = dict.fromkeys(COLUMNS, 0)

    def put(column, key, code, name):
        if key not in places:
            x, most, after = COLUMNS[column]
            y = TOP + STEP * counts[column]
            counts[column] += 1
            places[key] = (x, y, after)
            short = name if len(name) <= most else f"{name[: most - 1]}…"
            nodes.append({"x": x, "y": y, "code": code, "name": short, "column": column})
        return places[key]

    for row in rows:
        passage = row.passage
        if not passage or passage.use not in (Use.FINDING, Use.PRACTICE_POINT, Use.KEY_MESSAGE) or not passage.entry:
            continue
        paragraph = in_one_section and row.sentence.paragraph
        place = f"paragraph {paragraph}" if paragraph else row.sentence.section.title
        start = put("passage", f"s{row.sentence.pk}", row.sentence.label, place)
        entry = passage.entry
        column = "finding" if passage.use == Use.FINDING else "point"
        middle = put(column, entry.code, entry.code, str(entry))
        lines.append(_line(start, middle))
        for other in row.leads_to:
            line = _line(middle, put("point", other.code, other.code, str(other)), ours=True)
            if line not in lines:
                lines.append(line)
    height = TOP + STEP * max(1, *counts.values())
    return {"nodes": nodes, "lines": lines, "height": height, "width": WIDTH}


def _line(start, end, ours=False):
    left, right = start[2], end[0] - 8
    middle = (left + right) // 2
    return {"d": f"M{left} {start[1]}C{middle} {start[1]} {middle} {end[1]} {right} {end[1]}", "ours": ours}
