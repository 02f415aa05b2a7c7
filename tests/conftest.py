import pytest
from hypothesis import settings

# A slow machine is no failure.
settings.register_profile("joinedup", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("joinedup")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Browser tests last: Playwright leaves an event loop running, in which Django refuses to touch the database."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
