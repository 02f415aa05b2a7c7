"""Log-in names, which are the same whatever their case: a person types hers as it comes."""

import unicodedata

from django import forms
from django.contrib.auth import get_user_model


def key(name):
    """The same for all spellings of a name."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name or "").casefold())


def spellings(name):
    """The names of accounts, as they are held, that are the same as this one; more than one only of before."""
    names = get_user_model().objects.values_list("username", flat=True)  # a database folds other letters than Unicode
    return [held for held in names if key(held) == key(name)]


def as_held(name):
    """What somebody typed, as her account spells it."""
    held = spellings(name)
    return held[0] if len(held) == 1 else name


def counted(request, credentials):
    """AXES_USERNAME_CALLABLE: wrong passwords count for a name, however it is spelled."""
    return key((credentials or request.POST).get("username"))


class OneOfAName:
    """For the forms of accounts: refuses a second name that differs in its case only."""

    def clean_username(self):
        name = self.cleaned_data["username"]
        if [held for held in spellings(name) if held != self.initial.get("username")]:
            raise forms.ValidationError(self.instance.unique_error_message(type(self.instance), ["username"]))
        return name
