"""Query -> the same query widened by the glossary: other spellings always, other names one step and no further."""

from dataclasses import dataclass, replace

from joinedup.search.query import Alternative, Group, parse, phrase, telling

LONGEST_LABEL = 6  # words
ALSO_CALLED_WEIGHT = 0.6
LOOSELY_WEIGHT = 0.3


@dataclass(frozen=True)
class Label:
    """A glossary label as the search sees it: its tokens, and whether it is the word itself or another name."""

    text: str
    alternative: Alternative
    is_spelling: bool
    is_preferred: bool

    @property
    def as_another_name(self):
        """The label as it stands, and its telling words in any order for less."""
        together = replace(self.alternative, weight=ALSO_CALLED_WEIGHT)
        apart = _telling_tokens(self.text)
        return [together, Alternative(apart, weight=LOOSELY_WEIGHT)] if len(apart) > 1 else [together]


def _tokens_of(groups):
    return sum((group.alternatives[0].tokens for group in groups), ())


def _telling_tokens(text):
    """The tokens of the words of `text` that say something; all of them if that leaves one word of several."""
    tokens = _tokens_of(telling(parse(text).groups))
    return tokens if len(tokens) > 1 else phrase(text).tokens


def _all_of(run):
    return (Alternative(_tokens_of(telling(run))),)


class Thesaurus:
    """The labels of the glossary by their tokens.

    `terms` maps the key of each term to its labels, ``(text, is_spelling)``, the preferred one first.
    """

    def __init__(self, terms):
        self.by_tokens, self.by_text = {}, {}
        for key, labels in terms.items():
            term = []
            for i, (text, is_spelling) in enumerate(labels):
                self.by_text.setdefault(text.casefold(), key)
                alternative = phrase(text)
                if alternative:
                    term.append(Label(text, alternative, is_spelling, is_preferred=not i))
            for label in term:
                # Found by its telling words too: “abuse and neglect” by “abuse neglect”.
                for tokens in {label.alternative.tokens, _telling_tokens(label.text)}:
                    self.by_tokens.setdefault(tokens, (label, term))

    def named(self, text):
        """The key of the term that goes by `text`, whether preferred or another label, in either case; or None."""
        return self.by_text.get(text.casefold())

    def spelled_otherwise(self, query):
        """`query` with every other spelling of its words: the same word, so of the same weight."""
        return query.with_groups(self._widened(query.groups, also_called=False)[0])

    def also_called(self, query):
        """`query` with the other names of its words added, and told in `also_searched`."""
        groups, added = self._widened(query.groups, also_called=True)
        return query.with_groups(groups, also_searched=tuple(dict.fromkeys(added)))

    def knows(self, group):
        return any(alternative.tokens in self.by_tokens for alternative in group.alternatives)

    def _widened(self, groups, also_called):
        widened, added, i = [], [], 0
        while i < len(groups):
            run, known = self._longest_label(groups, i)
            if not known:
                widened.append(groups[i])
                i += 1
                continue
            label, term = known
            typed = run[0].alternatives if len(run) == 1 else _all_of(run)
            others = [
                other
                for other in term
                if other.alternative.tokens != label.alternative.tokens
                # Words that say nothing apart, such as “who does what”, are searched for as what they mean together.
                and (also_called or (label.is_spelling and other.is_spelling) or all(g.is_stop_word for g in run))
            ]
            more = []
            for other in others:
                same_word = label.is_spelling and other.is_spelling
                more += [other.alternative] if same_word else other.as_another_name
                if other.is_preferred or not other.is_spelling:
                    added.append(other.text)
            if len(run) > 1 and not more:
                widened += run
            else:
                text = " ".join(group.text for group in run)
                forms = sum((group.forms for group in run), ())
                widened.append(Group(text, tuple(dict.fromkeys((*typed, *more))), forms))
            i += len(run)
        return telling(widened), added

    def _longest_label(self, groups, start):
        """The longest run of groups from `start` that is a label, and what is known of it."""
        for length in range(min(LONGEST_LABEL, len(groups) - start), 0, -1):
            run = groups[start : start + length]
            if length == 1:
                keys = [] if run[0].is_stop_word else [a.tokens for a in run[0].alternatives]
            elif run[0].is_stop_word or run[-1].is_stop_word:
                keys = [_tokens_of(run)]
            else:
                # “sharing an office” is the label “shared office”.
                keys = [_tokens_of(run), _tokens_of(group for group in run if not group.is_stop_word)]
            for key in keys:
                if key in self.by_tokens:
                    return run, self.by_tokens[key]
        return groups[start : start + 1], None
