"""Whose words an entry is, from when, and what it names: what every page, file and answer tells of it in a line.

Every word comes from fields of the review, so that the next review is told of as truly as the first. For several
reviews, load them `with_provenance`: then nothing here asks the database for more.
"""

from typing import NamedTuple

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import apnumber, intcomma
from django.db.models import Q, prefetch_related_objects
from django.template.defaultfilters import pluralize
from django.utils.text import capfirst

from curation.text import listed
from findings.choices import ReviewKind
from findings.models import Finding, Review, ReviewSource, Theme, with_provenance
from sources.bibliography import names
from sources.models import StudyDesign

IN_OUR_WORDS = "In our words."
NOT_UPDATED = "Not updated since"
# How a reference calls them: one, several.
MADE_BY = {
    "author": ("", ""),
    "editor": ("ed.", "eds"),
    "compiler": ("comp.", "comps"),
    "translator": ("trans.", "trans."),
}
OUR_LINKS = "The review makes the point. Which findings go with it is our reading."


class Provenance(NamedTuple):
    """The three answers under the lead of an entry: who says so, how old it is, how sure."""

    review: Review
    who: str
    age: str
    sure: str


class Step(NamedTuple):
    """A step from the studies to our wording; `title` is that of the work, and `who` made it."""

    name: str
    title: str
    text: str
    who: str


class Row(NamedTuple):
    """A question and its answer under “How far can you rely on it?”; `kind` stands before the answer, in bold."""

    question: str
    answer: str
    kind: str = ""


def of(entry):
    """The Provenance of a finding or a practice point."""
    review = entry.review
    studies = [citation.source for citation in entry.citations.all()] if isinstance(entry, Finding) else []
    sure = named(entry) if isinstance(entry, Finding) else review.practice_note or OUR_LINKS
    return Provenance(review, who(review), age(review, studies), sure)


def load(reviews):
    """Give `reviews` what is told of them here: a few queries for all of them."""
    prefetch_related_objects(list(reviews), *with_provenance())


def load_behind(entries):
    """Let each theme among `entries` hold the reviews that its published findings are from: a few queries for all."""
    themes = [entry for entry in entries if isinstance(entry, Theme)]
    if not themes:
        return
    findings = Finding.objects.published().filter(theme__in=[theme.pk for theme in themes]).order_by()
    reviews = Review.objects.published_or_withdrawn().with_provenance().filter(pk__in=findings.values("review"))
    if len(themes) == 1:
        themes[0].behind = list(reviews)
        return
    behind = set(findings.values_list("theme", "review").distinct())
    reviews = list(reviews)
    for theme in themes:
        theme.behind = [review for review in reviews if (theme.pk, review.pk) in behind]


def load_for(entries):
    """Load what is told here of all `entries`, of any kinds: a few queries."""
    load_behind(entries)
    belonging = [entry for entry in entries if hasattr(entry, "review_id")]
    reviews = Review.objects.with_provenance().in_bulk({entry.review_id for entry in belonging})
    for entry in belonging:
        entry.review = reviews[entry.review_id]
    load([entry for entry in entries if isinstance(entry, Review)])


def told_with(source, entries):
    """The reviews whose findings stand on the page of `source`: those that cite it, and those of `entries`."""
    own = {entry.pk if isinstance(entry, Review) else getattr(entry, "review_id", None) for entry in entries}
    themes = [entry.pk for entry in entries if isinstance(entry, Theme)]
    of_themes = Finding.objects.published().filter(theme__in=themes).order_by().values("review")
    wanted = Q(pk__in=own) | Q(pk__in=of_themes) | Q(pk__in=Review.objects.citing(source).order_by().values("pk"))
    return list(Review.objects.published_or_withdrawn().filter(wanted).with_provenance())


def behind(entry):
    """The reviews that an entry is from; of a theme, those of its findings. For several themes, `load_behind` first."""
    if isinstance(entry, Theme):
        if not hasattr(entry, "behind"):
            load_behind([entry])
        return entry.behind
    review = entry if isinstance(entry, Review) else getattr(entry, "review", None)
    return [review] if review and (review.is_public or review.is_withdrawn) else []


def lines(reviews):
    """The line of each of `reviews`, as text."""
    return "\n".join(map(line, reviews))


def rights():
    """What may be done with the wording, in a line: for every file."""
    return (
        f"Our wording: {settings.LICENCE['name']} ({settings.LICENCE['url']}). Quotations and the review belong to "
        "their publishers."
    )


def in_brief(review):
    """“SIGNPOSTS, summary of a review of about 2005”, where there is no room for the line."""
    if _kind(review) is ReviewKind.SUMMARY:
        return f"{short_name(review)}, summary of a review{_of(summarised(review))}"
    return f"{short_name(review)}, review{_of(review)}"


def coverage(review):
    """Where and when the research is from: “UK” and “about 2005”, as far as they are known."""
    return [review.country, year(summarised(review) or review)]


def line(review):
    """The whole of it in one line: “From SIGNPOSTS, an undated summary of a research review of about 2005, UK
    (N. Frost, research in practice). In our words. Not updated since.”"""
    return f"From {short_name(review)}, {description(review)}. {IN_OUR_WORDS} {updates(review)}"


def short_name(review):
    return review.series or review.title


def description(review):
    """What kind of text the review is, of when and where, by whom: “a research review of 2024, Wales (A. Rees)”."""
    original = summarised(review)
    if _kind(review) is ReviewKind.SUMMARY:
        dated = f"a summary of {year(review)} of" if review.year else "an undated summary of"
        return f"{dated} a research review{_of(original)}{_where(review)}{_by(original)}"
    dated = "a research review" + _of(review) if review.year else "an undated research review"
    return f"{dated}{_where(review)}{_by(review)}"


def who(review):
    """Who says so: “SIGNPOSTS, a summary of a research review, UK”."""
    return f"{short_name(review)}, a {_kind(review).label.lower()}{_where(review)}"


def age(review, studies=()):
    """How old it is: “Summary undated; review of about 2005; study of 2003. Not updated since.” `studies` are the
    works that an entry cites."""
    parts = []
    if _kind(review) is ReviewKind.SUMMARY:
        parts.append(f"summary of {year(review)}" if review.year else "summary undated")
        parts.append(f"review{_of(summarised(review)) or ' undated'}")
    else:
        parts.append(f"review{_of(review) or ' undated'}")
    years = sorted({study.year for study in studies if study.year})
    if years:
        noun = "study" if len(years) == 1 and len(studies) == 1 else "studies"
        parts.append(f"{noun} of {years[0]}" + (f" to {years[-1]}" if len(years) > 1 else ""))
    return f"{capfirst('; '.join(parts))}. {updates(review)}"


def steps(review, named, taken, wording):
    """The Steps from the studies to our wording. `named` is what `Review.works_named` found, `taken` says what we took
    from the review, `wording` whose our words are."""
    kind = _kind(review)
    studies = Step("The studies", "", f"Research by many people. {_works_named(named, kind)}", "Their authors")
    ours = Step("Our wording", "", "Plain English, one claim at a time. What we add has a broken line.", wording)
    read = Step(f"The {kind.short_name}", review.title, f"We worked from this. {taken}", made_by(review))
    if kind is not ReviewKind.SUMMARY:
        return [studies, read, ours]
    original = summarised(review)
    longer = Step(
        "The longer review",
        str(original) if original else "",
        "The summary is drawn from it. We did not work from it.",
        made_by(original) if original else "We hold no record of it",
    )
    return [studies, longer, read, ours]


def taken(messages, findings, points):
    """What we took from a review, by number: “1 finding and 2 practice points are from it.”; empty if nothing."""
    numbers = {"key message": messages, "finding": findings, "practice point": points}
    told = [f"{intcomma(number)} {noun}{pluralize(number)}" for noun, number in numbers.items() if number]
    return f"{listed(told)} {pluralize(messages + findings + points, 'is,are')} from it." if told else ""


def made_by(work):
    """Who made it, and when: “Compiled by Steve Flood, no date”, “Nick Frost, about 2005”."""
    people = work.contributors.all()
    for role, before in [("author", ""), ("compiler", "Compiled by "), ("editor", "Edited by ")]:
        those = [" ".join(filter(None, [one.given, one.family, one.literal])) for one in people if one.role == role]
        if those:
            return f"{before}{listed(those)}, {year(work) or 'no date'}"
    return ", ".join(filter(None, [work.publisher, year(work) or "no date"]))


def gathered(reviews, findings, naming):
    """What a collection holds, in two sentences: how many `findings` there are, from what `reviews`, and how many of
    them name a work: “27 findings in plain English, from a research review of about 2005 (UK). Five name …”."""
    if not findings:
        return "No finding is published yet."
    told = f"{findings:,} finding{pluralize(findings)} in plain English, from {_reviews_in_words(reviews)}."
    if not naming:
        return f"{told} None names the work behind it."
    some = capfirst(intcomma(apnumber(naming)))
    return f"{told} {some} name the work behind them." if naming > 1 else f"{told} {some} names the work behind it."


def _reviews_in_words(reviews):
    dated = [(work, review.country) for review in reviews for work in [summarised(review) or review]]
    if len(dated) == 1:
        work, country = dated[0]
        return ("a research review" if work.year else "an undated research review") + _of(work) + _in_brackets(country)
    years = sorted((work for work, _ in dated if work.year), key=lambda work: work.year)
    span = (
        f", of {year(years[0])}" + (f" to {year(years[-1])}" if years[-1].year != years[0].year else "")
        if years
        else ""
    )
    return f"{apnumber(len(dated))} research reviews{span}"


def _in_brackets(country):
    return f" ({country})" if country else ""


def _works_named(named, kind):
    if not named["count"]:
        return f"The {kind.short_name} names none of them."
    oldest = named["oldest"][:4] if named["oldest"] else ""
    if named["count"] == 1:
        return f"One work is named in the {kind.short_name}" + (f", of {oldest}." if oldest else ".")
    since = f"; the oldest is of {oldest}." if oldest else "."
    return f"{capfirst(intcomma(apnumber(named['count'])))} works are named in the {kind.short_name}{since}"


def updates(review):
    return f"{(review.updates or NOT_UPDATED).rstrip('.')}."


def based_on(review):
    """The publication of the review as a reference to an entry of ours names it: “SIGNPOSTS, comp. S. Flood, research
    in practice, no date”."""
    people = review.contributors.all()
    told = [review.series or f"‘{names.curly(review.title, 1)}’"]
    for role, labels in MADE_BY.items():
        shown = [names.in_order(person) for person in people if person.role == role]
        if shown:
            label = labels[len(shown) > 1]
            told.append(f"{label} {listed(shown) if len(shown) <= 3 else f'{shown[0]} and others'}".strip())
    return ", ".join(filter(None, [*told, names.curly(review.publisher), year(review) or "no date"]))


def year(work):
    """“about 2005” or “2024”, of a review or of a source; empty if it is undated."""
    approximate = getattr(work, "year_is_approximate", False) or getattr(work, "issued_is_approximate", False)
    return f"about {work.year}" if work.year and approximate else work.year


def summarised(review):
    """The longer work that the review summarises, or None."""
    # Not through the review, which may have been loaded with its works in another way.
    held = hasattr(review, "summarised")
    links = review.summarised if held else ReviewSource.objects.summarising().filter(review=review)
    return next((link.source for link in links), None)


def named(finding):
    """How sure: what a finding names, and no more than that: “One systematic review is named, for part of it.”"""
    citations = finding.citations.all()
    if not citations:
        return f"No study is named in the {_kind(finding.review).short_name}."
    part = ", for part of it" if any(citation.covers for citation in citations) else ""
    if len(citations) == 1:
        design = citations[0].source.study_design
        return f"One {StudyDesign(design).short_name if design else 'work'} is named{part}."
    return f"{capfirst(apnumber(len(citations)))} works are named{part}."


def reliance(finding):
    """How far one can rely on a finding: a sentence, and Rows for each work that is named, or for the review."""
    review, citations = finding.review, finding.citations.all()
    kind = _kind(review)
    rows = [row for citation in citations for row in _rows(citation, kind, numbered=len(citations) > 1)]
    if not citations:
        rows = [
            Row("Kind of text", kind.gloss, kind.label),
            Row("When and where", _when_and_where(summarised(review) or review, review.country, kind)),
            Row("What is named", "Nothing for this finding."),
        ]
    if finding.not_named:
        rows.append(Row("What is not named", finding.not_named))
    return _in_a_sentence(finding, kind), rows


def _in_a_sentence(finding, kind):
    citations, review = finding.citations.all(), finding.review
    if any(citation.covers for citation in citations):
        return "Part of this has a work behind it that you can look up. The rest names none."
    if citations:
        return "The work behind it is named, and you can look it up."
    if kind is ReviewKind.SUMMARY and (original := summarised(review)):
        return (
            f"No study is named here. {short_name(review)} is a short summary. The longer review "
            f"({original.short_citation}) has the references."
        )
    return "No study is named here. That says nothing about how strong the evidence is."


def _rows(citation, kind, numbered):
    source = citation.source
    mark = f" ({citation.label})" if numbered else ""
    if source.study_design:
        design = StudyDesign(source.study_design)
        note = f" Here: {source.design_note}." if source.design_note else ""
        yield Row(f"Kind of study{mark}", f"{design.gloss}{note}", design.label)
    yield Row(f"When and where{mark}", _when_and_where(source, source.country, kind))
    yield Row(f"What the note covers{mark}", f"{citation.covers.rstrip('.') or 'The whole finding'}.")


def _when_and_where(work, country, kind):
    where = country or f"The {kind.short_name} gives no country"
    return f"{capfirst(year(work)) or 'No date'}{', ' if country else '. '}{where}."


def _kind(review):
    return ReviewKind(review.kind_of_text)


def _of(work):
    return f" of {year(work)}" if work is not None and work.year else ""


def _where(review):
    return f", {review.country}" if review.country else ""


def _by(work):
    if work is None:
        return ""
    people = [person for person in work.contributors.all() if person.role == "author"]
    who = [listed([names.in_order(person, between="") for person in people])] if people else []
    told = ", ".join([*who, *filter(None, [work.publisher])])
    return f" ({told})" if told else ""
