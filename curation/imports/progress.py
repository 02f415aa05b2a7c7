"""How far a piece of work is, and whether somebody wants it to stop. Pure."""


class Stopped(Exception):
    """The work was to stop, and did in the middle."""


class Progress:
    """`share` goes from 0 to 1. Whoever does the work goes `over` what there is to do; another thread may look, and set
    `is_to_stop`."""

    def __init__(self):
        self.share = 0.0
        self.is_to_stop = False

    def over(self, items, until):
        """Each of a list of items; when all were gone through, `share` is `until`. Raises Stopped before an item."""
        start = self.share
        for place, item in enumerate(items, start=1):
            if self.is_to_stop:
                raise Stopped
            yield item
            self.share = start + (until - start) * place / len(items)
        self.share = until
