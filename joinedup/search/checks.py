from django.core.checks import Tags, Warning, register
from django.db import connections


@register(Tags.database)
def the_index_is_sound(app_configs, databases, **kwargs):
    """Only when databases are checked: `manage.py check --database default`."""
    from joinedup.search import index

    if not databases or connections["default"].alias not in databases:
        return []
    if "search_missedsearch" not in connections["default"].introspection.table_names():
        return []  # not migrated yet
    if not index.searching().place.current():
        return []  # the site makes it when it starts
    hint = "Run manage.py rebuild_search_index."
    return [Warning(fault, hint=hint, id="search.W001") for fault in index.faults()]
