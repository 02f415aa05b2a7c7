from django.core.checks import Tags, Warning, register
from django.db import connections


@register(Tags.database)
def every_change_gives_a_new_stamp(app_configs, databases, **kwargs):
    """Only when databases are checked: `manage.py check --database default`."""
    from joinedup.pagecache.triggers import STAMPS, faults

    connection = connections["default"]
    if connection.alias not in (databases or []) or STAMPS not in connection.introspection.table_names():
        return []
    return [Warning(fault, id="pagecache.W001") for fault in faults(connection)]
