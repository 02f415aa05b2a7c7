"""An address as a QR code: error correction level M, with the quiet zone of four modules that readers need."""

from functools import lru_cache
from io import BytesIO

import segno

QUIET = 4
LONGEST = 600  # characters of an address: a code for more is too fine for a telephone to read from a page


def is_readable(address):
    return len(address) <= LONGEST


def code_for(address):
    return segno.make(address, error="m", boost_error=False, micro=False)


def svg(address):
    """An SVG file (bytes) that scales to any size, named for those who do not see it."""
    file = BytesIO()
    code_for(address).save(file, kind="svg", border=QUIET, scale=8, light="#fff", title=f"QR code: opens {address}")
    return file.getvalue()


def png(address, scale=20):
    """A PNG file (bytes), `scale` pixels to a module: by itself sharp on a poster, at 8 on a slide."""
    file = BytesIO()
    code_for(address).save(file, kind="png", border=QUIET, scale=scale, light="#fff")
    return file.getvalue()


def drawn(address):
    """The side of the code in modules, quiet zone included, and its dark modules as the path of an SVG."""
    rows = [[bool(module) for module in row] for row in code_for(address).matrix_iter(border=QUIET)]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            length = next((n for n, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if length:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length + 1
    return len(rows), "".join(runs)


# For what is drawn on public pages, again and again.
path = lru_cache(maxsize=500)(drawn)
