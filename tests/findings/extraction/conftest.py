import pytest
from django.contrib.auth.models import Group

from findings.extraction.bringing_in import bring_in
from findings.extraction.plain import read_plain
from tests.factories import make_review, make_theme

GARDEN = """# Sharing a garden

## Talking and lending

Neighbours who share a plot often talk.¹ They may lend tools. Not all of them do.

barriers Water is a barrier: quarrels about it are common. Neighbours who share a plot often talk!

## Rotas

- **Rotas** A rota can help, but it does not always last.

1 Marsh A (2001) 'Talking over a hedge' *Journal of Garden Studies* 12 (3)

## References

Green, B. (1999) Sheds. Leeds: Spade Press.
"""


@pytest.fixture
def people(django_user_model):
    made = {}
    for name in ["Librarian", "Editor"]:
        user = django_user_model.objects.create_user(name.lower(), password="x", is_staff=True)
        user.groups.add(Group.objects.get(name=name))
        made[name] = user
    return made


@pytest.fixture
def text(people):
    make_theme(name="Talking and lending")
    review = make_review(title="Gardens in common")
    return bring_in(review, read_plain(GARDEN), "garden.txt", people["Librarian"])
