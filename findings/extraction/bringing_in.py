"""The text of a review into its tables, and corrections of it by hand."""

from django.db import transaction

from curation.text import tidy
from findings.extraction.models import Passage, ReviewText, Sentence, TextSection, digest
from findings.extraction.reading import read

TOGETHER = 500
MADE_OF_IT = (
    "Entries were made of this text already. Correct it sentence by sentence; or take every passage back first, and "
    "then bring in another text."
)


class Refused(Exception):
    """It cannot be done: the message says why, and what to do."""


@transaction.atomic
def bring_in(review, blocks, filename, by):
    """Keep the text of a review, in place of an earlier one of which nothing was made. Raises Refused."""
    earlier = ReviewText.objects.select_for_update().filter(review=review).first()
    if earlier:
        if Passage.objects.filter(sentence__text=earlier).exists():
            raise Refused(MADE_OF_IT)
        earlier.delete()
    text = ReviewText.objects.create(review=review, filename=tidy(filename)[:200] or "Pasted text", by=by)
    reading = read(blocks)
    if not reading.sentences:
        raise Refused("There is no sentence in it. Look at the file, or paste the text.")
    sections = TextSection.objects.bulk_create(
        [
            TextSection(text=text, order=order, title=section.title, level=section.level)
            for order, section in enumerate(reading.sections)
        ],
        batch_size=TOGETHER,
    )
    Sentence.objects.bulk_create(
        [
            Sentence(
                text=text,
                section=sections[one.section],
                number=one.number,
                kind=one.kind,
                paragraph=one.paragraph,
                page=one.page,
                wording=one.text,
                digest=digest(one.text),
            )
            for one in reading.sentences
        ],
        batch_size=TOGETHER,
    )
    return text


@transaction.atomic
def edit(sentence, wording):
    """Put right what was read wrongly. Parts of it that passages name must be in it still. Raises Refused."""
    sentence = _locked(sentence)
    wording = tidy(wording)
    if not wording:
        raise Refused("A sentence has words. Set it aside if nothing is to be made of it.")
    for passage in sentence.passages.exclude(start=None):
        start = wording.find(passage.wording)
        if start < 0:
            raise Refused(
                f"Something was made of “{passage.wording}”. Leave these words, or take that passage back first."
            )
        passage.start, passage.end = start, start + len(passage.wording)
        passage.save(update_fields=["start", "end"])
    sentence.wording = wording
    sentence.save()


@transaction.atomic
def divide(sentence, before):
    """Divide a sentence behind the words `before`: the second half has its number, with a letter. Raises Refused."""
    sentence = _locked(sentence)
    before = tidy(before)
    after = sentence.wording.removeprefix(before).strip()
    if not before or not sentence.wording.startswith(before) or not after:
        raise Refused("Copy the words of the first half, from the start of the sentence.")
    if sentence.passages.exclude(start=None).exists():
        raise Refused("Something was made of a part of it. Take that passage back first.")
    parts = Sentence.objects.filter(text=sentence.text_id, number=sentence.number)
    later = list(parts.filter(part__gt=sentence.part).order_by("-part"))
    for one in later:
        one.part += 1
        one.save()
    sentence.wording = before
    sentence.save()
    kept = {name: getattr(sentence, name) for name in ["text_id", "section_id", "number", "kind", "paragraph", "page"]}
    second = Sentence.objects.create(**kept, part=sentence.part + 1, wording=after, state=sentence.state)
    made = ["use", "content_type_id", "object_id", "reason", "by_id", "at"]
    for passage in sentence.passages.all():
        Passage.objects.create(sentence=second, **{name: getattr(passage, name) for name in made})
    return second


@transaction.atomic
def join(sentence):
    """Put a sentence and the next of its paragraph together, with what was made of either. Raises Refused."""
    sentence = _locked(sentence)
    following = Sentence.objects.filter(text=sentence.text_id).after(sentence).order_by("number", "part").first()
    same = following and (following.section_id, following.paragraph) == (sentence.section_id, sentence.paragraph)
    if not same or following.kind != sentence.kind:
        raise Refused("The next sentence is in another paragraph. Only sentences of one paragraph can be joined.")
    length = len(sentence.wording)
    for passage in sentence.passages.filter(start=None):
        passage.start, passage.end = 0, length
        passage.save(update_fields=["start", "end"])
    for passage in following.passages.all():
        start = length + 1 + (passage.start or 0)
        end = length + 1 + (len(following.wording) if passage.end is None else passage.end)
        passage.sentence, passage.start, passage.end = sentence, start, end
        passage.save()
    sentence.wording = f"{sentence.wording} {following.wording}"
    following.delete()
    sentence.save()
    _whole_again(sentence)
    Sentence.objects.filter(pk=sentence.pk).settle()


def _whole_again(sentence):
    """One passage for an entry that both halves went into."""
    seen = {}
    for passage in sentence.passages.order_by("start"):
        key = passage.use, passage.content_type_id, passage.object_id, passage.reason
        if key in seen and passage.start <= seen[key].end + 1:
            seen[key].end = passage.end
            passage.delete()
            if (seen[key].start, seen[key].end) == (0, len(sentence.wording)):
                seen[key].start = seen[key].end = None
            seen[key].save()
        else:
            seen[key] = passage


def _locked(sentence):
    found = Sentence.objects.select_for_update(of=("self",)).filter(pk=sentence.pk).first()
    if found is None:
        raise Refused("This sentence was joined with another meanwhile. Look at the text again.")
    return found
