import pytest
from django.contrib.auth.models import Group
from django.test import Client

from findings.accounts import EDITOR, LIBRARIAN


@pytest.fixture
def desk(django_user_model):
    """{role: a client that is logged in}"""
    clients = {}
    for role in [LIBRARIAN, EDITOR]:
        user = django_user_model.objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        clients[role] = Client()
        clients[role].force_login(user)
    return clients
