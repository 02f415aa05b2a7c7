"""What stands beside a list to narrow it: facets, and their options with counts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    legend: str
    options: list


def removals(params, facets):
    """For each chosen option: the facet's legend, the option's label, and the query string without it.

    `params` is the QueryDict of the page.
    """
    for facet in facets:
        for option in facet.options:
            if option.chosen:
                left = params.copy()
                left.setlist(facet.name, [value for value in params.getlist(facet.name) if value != option.value])
                left.pop("page", None)
                yield facet.legend, option.label, left.urlencode()
