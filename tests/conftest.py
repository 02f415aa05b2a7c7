import pytest
from django.contrib.contenttypes.models import ContentType
from django.template.backends.jinja2 import Template
from django.test.signals import template_rendered
from hypothesis import settings

from tests.findings.review_files.samples import emptyings
from tests.sources.catalogues import catalogues  # noqa: F401

# A slow machine is no failure. The profile of before is Hypothesis' own choice, which is another with CI.
default = settings.get_profile(settings.get_current_profile_name())
settings.register_profile("quick", default, deadline=None, max_examples=20)
settings.register_profile("thorough", default, deadline=None)
settings.load_profile("quick")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Browser tests last: Playwright leaves an event loop running, in which Django refuses to touch the database."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup():
    """What a fixture makes is recorded once, when all of it is there: one by one takes many times as long."""
    from curation.changelog import gathered

    with gathered():
        return (yield)


@pytest.fixture(autouse=True, scope="session")
def contexts():
    """Let ``response.context`` be there for pages of Jinja2 too, of which Django's test client is not told."""
    render = Template.render

    def telling(self, context=None, request=None):
        context = {} if context is None else context
        page = render(self, context, request)
        template_rendered.send(self, template=self, context=context)
        return page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", telling)
        yield


@pytest.fixture(autouse=True)
def content_types_as_the_database_has_them():
    """A test that empties the database within its transaction makes content types with other ids, which Django would
    remember when they are gone."""
    yield
    if emptyings:
        emptyings.clear()
        ContentType.objects.clear_cache()


@pytest.fixture
def page_cache(settings):
    """The page cache, which is left out of other tests: clients made from now on meet it."""
    import joinedup.settings

    settings.MIDDLEWARE = joinedup.settings.MIDDLEWARE


@pytest.fixture
def desk(django_user_model):
    """Role -> a browser that is logged in with it."""
    from django.contrib.auth.models import Group
    from django.test import Client

    browsers = {}
    for role in ["Librarian", "Editor", None]:
        user = django_user_model.objects.create(username=str(role).lower(), is_staff=True)
        if role:
            user.groups.add(Group.objects.get(name=role))
        browsers[role] = Client()
        browsers[role].force_login(user)
    return browsers
