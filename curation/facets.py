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


def with_values(params, name, values):
    """The query string of the QueryDict `params` with these values of a facet, from the first page on."""
    params = params.copy()
    params.setlist(name, values)
    params.pop("page", None)
    return params.urlencode()


def removals(params, facets):
    """For each chosen option: the facet's legend, the option's label, and the query string without it.

    `params` is the QueryDict of the page.
    """
    for facet in facets:
        for option in facet.options:
            if option.chosen:
                left = [value for value in params.getlist(facet.name) if value != option.value]
                yield facet.legend, option.label, with_values(params, facet.name, left)
