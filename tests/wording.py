"""What a page says, whatever keeps its words together."""

import re


def wording(page):
    """The HTML `page` without the marks that keep compounds, such as “joined-up”, on one line."""
    return re.sub(r'<span class="nb">([^<]*)</span>', r"\1", page)
