"""What is asked for to make an entry of passages: a form for each use."""

import re

from django import forms

from findings.choices import Stance, WengerElement
from findings.codes import entry_for
from findings.extraction.models import Use
from findings.models import Finding, KeyMessage, PracticeImplication, Term, Theme
from sources.models import Source

CODE = re.compile(r"[A-Za-z][1-9][0-9]{0,8}")


class Codes(forms.CharField):
    """Codes with commas between, all of one kind: a list of entries."""

    def __init__(self, model, **kwargs):
        super().__init__(required=False, max_length=300, **kwargs)
        self.model = model

    def clean(self, value):
        text = super().clean(value)
        entries = []
        for code in filter(None, re.split(r"[\s,;]+", text)):
            entry = entry_for(code) if CODE.fullmatch(code) else None
            if not isinstance(entry, self.model):
                kind = self.model._meta.verbose_name
                raise forms.ValidationError(f"There is no {kind} {code}. Look at the code: {self.model.LETTER}5.")
            entries.append(entry)
        return list(dict.fromkeys(entries))


def _text(rows, label, help_text="", required=True, **attrs):
    return forms.CharField(
        widget=forms.Textarea(attrs={"rows": rows, **attrs}), label=label, help_text=help_text, required=required
    )


def _line(label, most, help_text="", shown=None):
    attrs = {"data-count": shown} if shown else {}
    return forms.CharField(max_length=most, label=label, help_text=help_text, widget=forms.TextInput(attrs=attrs))


class Making(forms.Form):
    """`saved` gives the entry of a valid form, not saved yet; `heading` and `texts` name what is checked."""

    heading = ""
    texts = ()
    makes_a_claim = False  # its heading; otherwise that names a matter
    cites = findings = ()

    def __init__(self, *args, review, place, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.review, self.place = review, place
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "vLargeTextField" if "rows" in field.widget.attrs else "vTextField")

    @property
    def worded_fields(self):
        return [self[name] for name in [self.heading, *self.texts] if name]

    @property
    def other_fields(self):
        return [field for field in self if field.name not in (self.heading, *self.texts)]

    def worded(self):
        """(heading, texts) as typed, valid or not."""
        said = [str(self.data.get(self.add_prefix(name), "")) for name in [self.heading, *self.texts] if name]
        return (said[0], said[1:]) if self.makes_a_claim else ("", said)


class FindingForm(Making):
    heading, texts = "claim", ("bottom_line", "body")
    makes_a_claim = True
    claim = _line("Heading", 200, "A claim, as sure as the passage.", 70)
    bottom_line = _text(3, "In short", "Two sentences. Keep the review’s “often”, “may”, “in one study”.")
    body = _text(4, "In full", "In our own words; needed before it is published.", required=False)
    stance = forms.ChoiceField(choices=Stance.choices, widget=forms.RadioSelect)
    theme = forms.ModelChoiceField(Theme.objects.exclude(status="withdrawn"))
    cites = Codes(Source, label="Rests on", help_text="Codes of the works that the passage names, in order: S5, S7.")

    def saved(self):
        values = {name: self.cleaned_data[name] for name in ["bottom_line", "body", "stance", "theme"]}
        return Finding(review=self.review, heading=self.cleaned_data["claim"], **values, **self.place)


class KeyMessageForm(Making):
    heading, texts = "claim", ("body",)
    makes_a_claim = True
    claim = _line("Heading", 200, "At most 25 words in all.")
    body = _text(3, "In full")
    findings = Codes(Finding, label="Read with the findings", help_text="Our links: F3, F7.")

    def saved(self):
        given = self.cleaned_data
        return KeyMessage(review=self.review, heading=given["claim"], body=given["body"], **self.place)


class PracticePointForm(Making):
    heading, texts = "claim", ("summary", "body")
    claim = _line("Heading", 200, "An indicator of what might be taken forward, never an order.")
    summary = _text(2, "In short")
    body = _text(3, "In full", "Needed before it is published.", required=False)
    element = forms.ChoiceField(label="Wenger’s element", choices=WengerElement.choices, widget=forms.RadioSelect)
    findings = Codes(Finding, label="Rests on the findings", help_text="In our reading: F3, F7.")

    def saved(self):
        values = {name: self.cleaned_data[name] for name in ["summary", "body", "element"]}
        return PracticeImplication(review=self.review, heading=self.cleaned_data["claim"], **values, **self.place)


class ThemeForm(Making):
    heading, texts = "name", ("summary",)
    name = _line("Name", 200)
    summary = _text(2, "Summary", "One or two sentences, under 45 words.")

    def saved(self):
        return Theme(**self.cleaned_data)


class TermForm(Making):
    heading, texts = "preferred_label", ("definition",)
    preferred_label = _line("Term", 120)
    definition = _text(3, "What we mean by it")

    def clean_preferred_label(self):
        label = self.cleaned_data["preferred_label"]
        if Term.objects.filter(preferred_label__iexact=label).exists():
            raise forms.ValidationError("The glossary has this term already: set the passage aside, and say so.")
        return label

    def saved(self):
        return Term(**self.cleaned_data)


class CitationForm(Making):
    source = Codes(Source, label="Work", help_text="Its code: S5. New works come in by the list of references.")

    def clean_source(self):
        if len(self.cleaned_data["source"]) != 1:
            raise forms.ValidationError("Write the code of one work.")
        return self.cleaned_data["source"][0]


class AsideForm(Making):
    REASONS = ("Heading", "Repetition", "Address", "Acknowledgement", "Reference", "Says nothing of its own")
    reason = forms.CharField(
        max_length=200,
        label="Why",
        help_text="Such as “Heading” or “Repetition”. The second reader sees it.",
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
    )


class AboutForm(Making):
    """Nothing is asked: the passage says something of the review as a whole."""


FORMS = {
    Use.FINDING: FindingForm,
    Use.KEY_MESSAGE: KeyMessageForm,
    Use.PRACTICE_POINT: PracticePointForm,
    Use.THEME: ThemeForm,
    Use.CITATION: CitationForm,
    Use.TERM: TermForm,
    Use.ABOUT: AboutForm,
    Use.ASIDE: AsideForm,
}


class AddForm(forms.Form):
    code = forms.CharField(
        max_length=12,
        label="Part of an entry that is there",
        help_text="Its code: F21, K2, P9, T5 or S5.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )


class TextForm(forms.Form):
    """The text of a review: a file or what was pasted."""

    file = forms.FileField(
        required=False,
        help_text="Word (.docx), PDF, a page (.html) or plain text, up to 20 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".docx,.pdf,.html,.htm,.txt,.md"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the text here",
        help_text="With an empty line between paragraphs. Up to 2 MB; upload a file for more.",
        widget=forms.Textarea(attrs={"rows": 12, "cols": 80, "class": "vLargeTextField"}),
    )
    loses = forms.BooleanField(required=False, label="Replace the text, though these passages are lost")

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if bool(cleaned.get("file")) == bool((cleaned.get("text") or "").strip()):
            raise forms.ValidationError("Choose a file or paste the text: one of the two.")
        return cleaned

    def contents(self):
        """(bytes, name) of what was given."""
        file = self.cleaned_data["file"]
        if file:
            return file.read(), file.name
        return self.cleaned_data["text"].encode("utf-8", "replace"), "Pasted text"
