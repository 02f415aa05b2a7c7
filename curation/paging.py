"""One page of a list, whatever a reader puts in `page`."""

from django.core.paginator import Paginator


def page_of(params, queryset, per_page=10, count=None):
    """The page that ``params["page"]`` asks for, and a notice for the reader ("" if it was a good number).

    A page that is no number is read as the first; one past the end as the last. `count` is how many rows there are, if
    that is known.
    """
    paginator = Paginator(queryset, per_page)
    if count is not None:
        paginator.count = count
    asked = params.get("page", "1")
    # Longer than any real page number: int() would refuse thousands of digits.
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 9 else None
    if number is not None and 1 <= number <= paginator.num_pages:
        return paginator.page(number), ""
    too_far = asked.isascii() and asked.isdigit() and (number is None or number > paginator.num_pages)
    shown = paginator.num_pages if too_far else 1
    return paginator.page(shown), f"There is no page “{asked[:20]}” in this list, so this is page {shown}."
