"""The text of a review into its tables, another in its place, and corrections of it by hand."""

from collections import defaultdict

from django.db import transaction

from curation.log import LogEntry
from curation.moves import counted
from curation.text import listed, tidy
from findings.extraction.models import Passage, ReviewText, Sentence, TextSection, digest
from findings.extraction.reading import read
from findings.extraction.removing import delete, made_of

TOGETHER = 500


class Refused(Exception):
    """It cannot be done: the message says why, and what to do."""


class Loses(Refused):
    """Another text lacks sentences of which something was made: `entries` lose these passages, `aside` of them are set
    aside or about the review."""

    def __init__(self, made):
        self.entries, self.aside = made.entries, made.aside + made.about
        super().__init__("Some sentences of which something was made are not in this text. Nothing was changed.")


@transaction.atomic
def bring_in(review, blocks, filename, by, loses=False):
    """Keep the text of a review, in place of an earlier one. What was made of a sentence goes with it, if the new text
    has it too; Loses says what would be lost, unless `loses`. Raises Refused."""
    reading = read(blocks)
    if not reading.sentences:
        raise Refused("There is no sentence in it. Look at the file, or paste the text.")
    earlier = ReviewText.objects.select_for_update(of=("self",)).filter(review=review).first()
    kept, lost = _carried_over(earlier, reading) if earlier else ([], [])
    if lost and not loses:
        raise Loses(made_of(lost))
    if earlier:
        _put_on_record(review, kept, lost, by)
        delete(earlier, [passage for passage, *_ in kept])
    text = ReviewText.objects.create(review=review, filename=tidy(filename)[:200] or "Pasted text", by=by)
    sections = TextSection.objects.bulk_create(
        [
            TextSection(text=text, order=order, title=section.title, level=section.level)
            for order, section in enumerate(reading.sections)
        ],
        batch_size=TOGETHER,
    )
    sentences = Sentence.objects.bulk_create(
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
    for passage, place, start, end in kept:
        passage.pk, passage.sentence, passage.start, passage.end = None, sentences[place], start, end
    Passage.objects.bulk_create([passage for passage, *_ in kept], batch_size=TOGETHER)
    text.sentences.all().settle()
    return text


def _carried_over(earlier, reading):
    """([(passage, place of its sentence in a reading, start, end)], passages whose words the reading does not have).
    The first of equal sentences is the first there too."""
    places, met, kept, lost = defaultdict(list), defaultdict(int), [], []
    for place, one in enumerate(reading.sentences):
        places[digest(one.text)].append(place)
    for sentence in earlier.sentences.order_by("number", "part").prefetch_related("passages__entry"):
        found = places[sentence.digest][met[sentence.digest] :][:1]
        met[sentence.digest] += 1
        for passage in sentence.passages.all():
            words = "" if passage.start is None else passage.wording
            start = reading.sentences[found[0]].text.find(words) if found else -1
            if start < 0:
                lost.append(passage)
            else:
                kept.append((passage, found[0], *((start, start + len(words)) if words else (None, None))))
    return kept, lost


def _put_on_record(review, kept, lost, by):
    if kept or lost:
        told = [f"{counted(len(kept), 'passage was', 'passages were')} kept"]
        if lost:
            names = [entry.code for entry in made_of(lost).entries]
            told.append(f"{counted(len(lost), 'was', 'were')} lost{f', of {listed(names)}' if names else ''}")
        LogEntry.objects.create(entry=review, name=LogEntry.Name.REPLACE_TEXT, by=by, note=f"{'; '.join(told)}.")


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
