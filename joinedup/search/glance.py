"""What a search comes to where its words name a theme or a term of the glossary: both sides of it, above the list."""

from dataclasses import dataclass

from django.db.models import Q

from findings.choices import Stance
from findings.models import Finding, KeyMessage, TermLabel, Theme
from findings.related import related_elsewhere

MOST = 4  # findings of a sort
CONSIDERED = 50  # findings of a theme, or hits
SIDES = [
    ([Stance.FACILITATOR], "What helps"),
    ([Stance.BARRIER, Stance.MIXED], "What gets in the way, or works both ways"),
    ([Stance.CONDITION], "What it takes"),
]


@dataclass
class Glance:
    """`subject` is a theme or a term, `sides` are (heading, findings), `message` is the key message to read with it."""

    subject: object
    sides: list
    message: KeyMessage | None

    @property
    def is_of_theme(self):
        return isinstance(self.subject, Theme)

    @property
    def findings(self):
        return [finding for _, findings in self.sides for finding in findings]


def glance(text, term, hits):
    """The Glance for what was typed, or None. `term` is the term of the glossary that the words name, or None; `hits`
    are what was found (`engine.Hits`)."""
    theme = _theme(text, term)
    if theme:
        own = theme.findings.published()
        findings = [*own[:CONSIDERED], *(other.finding for other in related_elsewhere(theme, own[:CONSIDERED]))]
    elif term:
        ids = [pk for kind, pk in hits[:CONSIDERED] if kind == "finding"]
        by_id = Finding.objects.published().in_bulk(ids)
        findings = [by_id[pk] for pk in ids if pk in by_id]
    else:
        return None
    sides = [
        (heading, some)
        for stances, heading in SIDES
        if (some := [finding for finding in findings if finding.stance in stances][:MOST])
    ]
    if not {Stance.FACILITATOR, Stance.BARRIER} & {finding.stance for _, some in sides for finding in some}:
        return None
    shown = Finding.objects.filter(pk__in=[finding.pk for _, some in sides for finding in some])
    message = KeyMessage.objects.of_published_reviews().resting_on(shown).first()
    return Glance(theme or term, sides, message)


def _theme(text, term):
    """The published theme that goes by `text`, or by a name of `term`."""
    names = {" ".join(text.split()).casefold()}
    if term:
        labels = term.labels.exclude(kind=TermLabel.Kind.LEADS_HERE).values_list("label", flat=True)
        names |= {name.casefold() for name in [term.preferred_label, *labels]}
    named = Q()
    for name in names - {""}:
        named |= Q(name__iexact=name) | Q(also_asked_as__icontains=name)
    for theme in Theme.objects.published().filter(named) if named else []:
        if names & {theme.name.casefold(), *theme.also_asked_as.casefold().splitlines()}:
            return theme
    return None
