"""What pages read of sources, put into SQL once a process."""

from collections import defaultdict

from sources.models import Contributor
from sources.prepared import Prepared

_contributors = Prepared(
    lambda sources: (
        Contributor.objects.filter(source__in=sources)
        .order_by("role", "order")
        .values_list("source_id", "role", "order", "family", "given", "literal", named=True)
    )
)


def hold_contributors(sources):
    """Give `sources` their contributors, as `contributors_at` does, but as plain names in a role."""
    of_source = defaultdict(list)
    for person in _contributors(sorted({source.pk for source in sources})):
        of_source[person.source_id].append(person)
    for source in sources:
        source.contributors_held = of_source[source.pk]
