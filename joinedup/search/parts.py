"""Small parts of the page of results."""

from django.utils.html import format_html

from findings.parts import element_icon, icon, source_icon, stance

OTHER_KINDS = {
    "key-message": ("i-list", "Key message"),
    "theme": ("i-list", "Theme"),
    "term": ("i-book", "Glossary"),
    "review": ("i-book", "Review"),
}


def result_mark(result):
    """The stance of a finding that was found, or what kind of entry it is: symbol and word."""
    if result.kind == "finding":
        return stance(result.entry.stance)
    if result.kind == "implication":
        symbol, word = element_icon(result.entry.element), "Practice point"
    elif result.kind == "source":
        symbol, word = source_icon(result.entry), "Source"
    else:
        name, word = OTHER_KINDS[result.kind]
        symbol = icon(name)
    return format_html('<span class="kind">{}{}</span>', symbol, word)
