"""Passages of a text -> drafts of entries, links to entries that are there, or set aside."""

import re
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from curation import history
from curation.imports.matching import SAME
from curation.text import tidy
from findings.choices import Stance
from findings.codes import entry_for
from findings.extraction.blocks import note_numbers
from findings.extraction.models import KeptRemark, Passage, Sentence, Use
from findings.extraction.references import is_list_title, parse
from findings.models import Citation, Finding, KeyMessage, PracticeImplication, ReviewSource, Term, Theme
from sources.bibliography.matching import normal
from sources.imports import matched
from sources.models import Source

MODELS = {
    Use.FINDING: Finding,
    Use.KEY_MESSAGE: KeyMessage,
    Use.PRACTICE_POINT: PracticeImplication,
    Use.THEME: Theme,
    Use.TERM: Term,
    Use.CITATION: Source,
}
USES = {model: use for use, model in MODELS.items()}
# Words of a heading or a passage -> the stance that they speak of.
STANCES = [
    (Stance.BARRIER, r"barriers?|obstacles?|hinder\w*|gets? in the way|problems?|shortage|militated"),
    (Stance.FACILITATOR, r"facilitat\w*|enabl\w*|help\w*|drivers?|promot\w*|encourag\w*|enhance\w*|benefits?"),
    (Stance.CONDITION, r"requires?|required|needs?|necessary|conditions?|depend\w*|prerequisites?|support"),
    (Stance.EFFECT, r"outcomes?|impacts?|effects?|results?|change"),
]
AUTHOR_YEAR = re.compile(
    r"\b([A-Z][\w’'-]+)(?:(?: and| &|,) [A-Z][\w’'-]+| et al\.?| and colleagues)?,? \(?((?:19|20)[0-9]{2})"
)


class Refused(Exception):
    """Nothing was made: the message says why, in words for a librarian."""


@dataclass(frozen=True)
class Chosen:
    """A sentence, or a part of it, that something is to be made of."""

    sentence: Sentence
    start: int | None = None
    end: int | None = None

    @property
    def wording(self):
        return self.sentence.wording[self.start : self.end]


def choose(text, labels, part=""):
    """The sentences of `text` with these labels, in order; `part` is the words of the only one that are meant, or their
    place, “64:12-80”. Raises Refused.
    """
    wanted = {match.groups() for label in labels if (match := re.fullmatch(r"([0-9]{1,7})([b-z]?)", label))}
    asked = Q(pk=None)
    for number, letter in wanted:
        asked |= Q(number=int(number), part=ord(letter) - ord("a") if letter else 0)
    found = list(text.sentences.filter(asked).with_passages().order_by("number", "part"))
    if part.strip() and len(found) == 1:
        return [_part(found[0], part.strip())]
    return [Chosen(sentence) for sentence in found]


def _part(sentence, part):
    match = re.fullmatch(r"[0-9]+[b-z]?:([0-9]{1,6})-([0-9]{1,6})", part)
    if match:
        start, end = int(match[1]), int(match[2])
    else:
        start = sentence.wording.find(part)
        end = start + len(part)
    if not 0 <= start < end <= len(sentence.wording):
        raise Refused(
            "These words are not in the sentence as you wrote them. Copy a part of it, from one word to another."
        )
    return Chosen(sentence) if (start, end) == (0, len(sentence.wording)) else Chosen(sentence, start, end)


# Suggestions


def suggested(text, chosen):
    """What a new finding starts with: theme, stance, codes of the works cited, place. Nothing is invented: what is not
    known is left out."""
    headings = _headings(text, chosen[0].sentence)
    wording = " ".join(one.wording for one in chosen)
    section, paragraph, page = chosen[0].sentence.place
    values = {"place_section": section, "place_paragraph": paragraph, "place_page": page}
    sources = cited(text, wording)
    return {
        **values,
        "theme": theme_of(headings),
        "stance": stance_of(headings, wording),
        "cites": ", ".join(source.code for source in sources),
        "sources": sources,
    }


def _headings(text, sentence):
    """The headings that a sentence stands under, the nearest first."""
    run_in = text.sentences.filter(section=sentence.section_id, paragraph=sentence.paragraph, kind="heading")
    found = [one.wording for one in run_in if sentence.paragraph]
    level = sentence.section.level + 1
    for section in text.sections.filter(order__lte=sentence.section.order).order_by("-order"):
        if section.level < level:
            found.append(section.title)
            level = section.level
        if level <= 1:
            break
    return found


def theme_of(headings):
    themes = {normal(theme.name): theme for theme in Theme.objects.order_by("-number")}
    return next((themes[key] for heading in headings if (key := normal(heading)) in themes), None)


def stance_of(headings, wording):
    """The stance that the nearest heading names, and no other beside it; else that of the passage."""
    for said in [*headings[:1], wording, *headings[1:2]]:
        found = [stance for stance, words in STANCES if re.search(rf"\b(?:{words})\b", said, re.I)]
        if len(found) == 1:
            return found[0]
    return ""


def cited(text, wording):
    """The works that a passage names by its note marks, or by author and year."""
    numbers = note_numbers(wording)
    found = {}
    if numbers:
        links = ReviewSource.objects.filter(review=text.review, number__in=numbers).select_related("source")
        own = Citation.objects.filter(finding__review=text.review, number__in=numbers).select_related("source")
        found = {link.number: link.source for link in [*own, *links]}
        for number in set(numbers) - found.keys():
            if source := _source_of_note(text, number):
                found[number] = source
    named = [source for pair in AUTHOR_YEAR.findall(wording) for source in _by_author(*pair)]
    return list(dict.fromkeys([*(found[number] for number in numbers if number in found), *named]))


def _source_of_note(text, number):
    """The source that the note with this number was linked to."""
    for note in text.sentences.filter(kind="note").prefetch_related("passages__entry"):
        if parse(note.wording).number == number:
            for passage in note.passages.all():
                if isinstance(passage.entry, Source):
                    return passage.entry
    return None


def named_by(sentence):
    """The work that a note or a line of a list of references is about, if it is held."""
    if sentence.kind == "heading" or not (sentence.kind == "note" or is_list_title(sentence.section.title)):
        return None
    [match] = matched([parse(sentence.wording).record])
    return Source.objects.filter(pk=match.pk).first() if match.match == SAME else None


def _by_author(family, year):
    return Source.objects.filter(contributors__family=family, issued__startswith=year).distinct()[:3]


# Making


@transaction.atomic
def link(chosen, use, entry, by, reason=""):
    """Record what was made of passages. Raises Refused."""
    if not chosen:
        raise Refused("Choose a sentence first.")
    if use == Use.ASIDE and not reason.strip():
        raise Refused("Say why it is set aside.")
    kind = ContentType.objects.get_for_model(entry) if entry else None
    for one in chosen:
        values = {"use": use, "content_type": kind, "object_id": entry.pk if entry else None, "start": one.start}
        Passage.objects.get_or_create(
            sentence=one.sentence, end=one.end, **values, defaults={"by": by, "reason": reason.strip()[:200]}
        )
    Sentence.objects.filter(pk__in=[one.sentence.pk for one in chosen]).settle()


@transaction.atomic
def take_back(passage):
    """Undo what `link` did for one passage: the entry stays as it is."""
    sentence = passage.sentence_id
    passage.delete()
    Sentence.objects.filter(pk=sentence).settle()


@transaction.atomic
def make(use, entry, chosen, by, cites=(), findings=(), kept=()):
    """Save a new draft with its passages, the works it cites, the findings it rests on and the remarks that were kept:
    (key, what it says, reason). Returns it."""
    entry.slug = free_slug(entry)
    entry.save()
    for order, (source, number) in enumerate(cites, 1):
        Citation.objects.create(finding=entry, source=source, order=order, number=number)
    if findings:
        entry.findings.set(findings)
    link(chosen, use, entry, by)
    keep(entry, kept, by)
    model = type(entry)
    history.record(model, {}, history.states(model, [entry.pk]), by)
    return entry


def keep(entry, kept, by):
    """Record why remarks of the checks are not followed."""
    kind = ContentType.objects.get_for_model(entry)
    for key, says, reason in (map(tidy, one) for one in kept):
        if reason:
            values = {"says": says[:250], "reason": reason[:300], "by": by}
            KeptRemark.objects.update_or_create(content_type=kind, object_id=entry.pk, key=key[:250], defaults=values)


@transaction.atomic
def add_to(code, chosen, by):
    """Add passages to an entry that is there, named by its code. A draft without a place gets that of the first; so
    does what readers see, if `by` may change it. Raises Refused."""
    entry = entry_for(code.strip())
    if entry is None or type(entry) not in USES:
        raise Refused(
            f"There is no entry {code.strip() or 'without a code'} that a passage can go into. Look at the code."
        )
    link(chosen, USES[type(entry)], entry, by)
    may_change = not entry.published_on or by.has_perm("curation.publish_entries")
    if hasattr(entry, "place_section") and not entry.place_in_words and may_change:
        with history.recording(type(entry), [entry.pk], by, "Its place in the review"):
            entry.place_section, entry.place_paragraph, entry.place_page = chosen[0].sentence.place
            entry.save()
    return entry


def free_slug(entry):
    """An address for a new entry, made of its name."""
    base = slugify(str(entry))[:100].strip("-") or entry._meta.model_name
    taken = set(type(entry).objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


def numbers_of(sources, text, wording):
    """(source, the review’s note number or None) of works that a passage cites."""
    found = {}
    for number in note_numbers(wording):
        for source in cited(text, f"x[{number}]"):
            found.setdefault(source.pk, number)
    return [(source, found.get(source.pk)) for source in sources]


def reason_for(sentence):
    """Why a sentence would be set aside, as far as its form tells."""
    if sentence.kind == "heading":
        return "Heading"
    if is_list_title(sentence.section.title):
        return "Reference"
    return ""
