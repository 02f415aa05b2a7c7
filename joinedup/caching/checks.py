from django.core.checks import Tags, Warning, register
from django.db import connections

from joinedup.caching import triggers


@register(Tags.database)
def every_change_gives_a_new_content_version(app_configs, databases, **kwargs):
    """Only when databases are checked: `manage.py check --database default`."""
    if "default" not in (databases or []):
        return []
    return [Warning(fault, id="caching.W001") for fault in triggers.faults(connections["default"])]
