"""A whole review, with everything it needs, in the neutral form."""

from collections import defaultdict

from curation.entries import parse_code
from curation.imports.held import states
from curation.imports.kinds import KINDS, references
from findings.extraction import trail
from findings.models import Term
from findings.review_files.form import HEAD, IN_A_FILE, PASSAGES


def review_document(review, with_glossary=True, with_passages=False):
    """A review with its findings, practice points and key messages, and all that these refer to: themes, sources, and
    single entries of another review if one is linked. `with_glossary` adds every term, `with_passages` the passages of
    the review’s text, which are not for the public.

    The same data gives the same document: lists are in the order of codes, or have the order that readers see.
    """
    found = {name: {} for name in KINDS}
    wanted = {
        "reviews": {review.number},
        "findings": set(review.findings.values_list("number", flat=True)),
        "implications": set(review.implications.values_list("number", flat=True)),
        "key_messages": set(review.key_messages.values_list("number", flat=True)),
    }
    while wanted:
        named = defaultdict(set)
        for name, numbers in wanted.items():
            new = states(KINDS[name], numbers, by="number")
            found[name].update(new)
            for state in new.values():
                for kind, code in references(KINDS[name], state):
                    named[kind.name].add(parse_code(code)[1])
        wanted = {name: left for name, numbers in named.items() if (left := numbers - found[name].keys())}
    if with_glossary:
        found["terms"] = states(KINDS["terms"], Term.objects.values_list("slug", flat=True), by="slug")
    document = {**HEAD, **{name: [found[name][key] for key in sorted(found[name])] for name in IN_A_FILE}}
    return {**document, PASSAGES: trail.passages(review)} if with_passages else document
