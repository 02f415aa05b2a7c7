"""A piece of an entry's text with the words that were found marked, safe to print."""

import re

from django.utils.html import escape, format_html, format_html_join

from joinedup.search import analysis

LONGEST = 260  # characters of a snippet


class Marker:
    """Marks what a query found. Whole compounds are marked, and phrases only where their words stand together; the
    words of another name that stand apart are not, since each alone says something else."""

    def __init__(self, query):
        alternatives = [a for group in query.groups for a in group.alternatives]
        apart = [a for a in alternatives if not a.is_phrase and (len(a.tokens) == 1 or a.weight == 1)]
        self.single = {token for a in apart for token in a.tokens}
        self.phrases = {a.tokens for a in alternatives if a.is_phrase}

    def spans(self, text, length=None):
        """The stretches of `text` to mark, as pairs of start and end, in order and apart; with `length`, those of so
        many characters from the first on at least."""
        if self.phrases:
            return self._with_phrases(analysis.words(text))
        found, last = [], len(text)
        for word in analysis.each_word(text):
            if word.start > last:
                break
            if self._is_hit(word):
                if length and not found:
                    last = word.start + length
                found.append((word.start, word.end))
        return found

    def _is_hit(self, word):
        return not (self.single.isdisjoint(word.canonical) and self.single.isdisjoint(word.extra))

    def _with_phrases(self, words):
        hit = [self._is_hit(word) for word in words]
        owners, sequence = [], []
        for i, word in enumerate(words):
            sequence += word.canonical
            owners += [i] * len(word.canonical)
        for phrase in self.phrases:
            for start in range(len(sequence) - len(phrase) + 1):
                if tuple(sequence[start : start + len(phrase)]) == phrase:
                    for position in range(start, start + len(phrase)):
                        hit[owners[position]] = True
        return _joined([(word.start, word.end) for word, marked in zip(words, hit, strict=True) if marked])

    def marked(self, text, start=0, end=None, spans=None):
        """`text` between `start` and `end` as HTML with <mark> around what was found, `spans` if they are known."""
        end = len(text) if end is None else end
        pieces, last = [], start
        for a, b in self.spans(text) if spans is None else spans:
            if a >= start and b <= end:
                pieces += [text[last:a], format_html("<mark>{}</mark>", text[a:b])]
                last = b
        return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[last:end]]))

    def snippet(self, texts):
        """The first of `texts` with something to mark, cut to the sentences around it; else the first one."""
        first = ""
        for text in texts:
            text = re.sub(r"\s*\[\d+\]", "", text)
            first = first or text
            spans = self.spans(text, LONGEST)
            if spans:
                start, end = _window(text, spans)
                body = self.marked(text, start, end, spans)
                return format_html("{}{}{}", "… " if start else "", body, " …" if end < len(text) else "")
        return escape(first[:LONGEST])


def _joined(spans):
    """Neighbours with one character between them as one stretch."""
    joined = []
    for start, end in spans:
        if joined and start - joined[-1][1] == 1:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _window(text, spans):
    if len(text) <= LONGEST:
        return 0, len(text)
    first = spans[0][0]
    start = 0 if first < LONGEST // 2 else max(text.rfind(". ", 0, first) + 2, first - LONGEST // 2)
    while start and start < first and not text[start - 1].isspace():
        start += 1
    end = min(len(text), start + LONGEST)
    if end < len(text):
        end = max(text.rfind(" ", start, end), spans[0][1])
    return start, end
