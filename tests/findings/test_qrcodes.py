"""QR codes of short addresses, read back module by module."""

import re
from io import BytesIO

import html5lib
import pytest
import segno
from django.test import override_settings
from django.urls import reverse
from PIL import Image

from findings import qrcodes
from tests.factories import (
    make_finding,
    make_key_message,
    make_review,
    make_source,
    make_theme,
    withdrawn,
)

database = pytest.mark.django_db


def text(response):
    return response.content.decode()


def modules_of(png):
    """The modules of the picture of a QR code, quiet zone included, read from the middle of each."""
    image = Image.open(BytesIO(png)).convert("L")
    pixels = qr_pixels(image)
    return [
        [image.getpixel((x, y)) < 128 for x in range(pixels // 2, image.width, pixels)]
        for y in range(pixels // 2, image.height, pixels)
    ]


def qr_pixels(image):
    """How many pixels make a module: the first dark run is the seven modules of a finder."""
    row = next(y for y in range(image.height) if any(image.getpixel((x, y)) < 128 for x in range(image.width)))
    first = next(x for x in range(image.width) if image.getpixel((x, row)) < 128)
    run = next(n for n in range(image.width - first) if image.getpixel((first + n, row)) >= 128)
    return run // 7


def drawn(svg_path, side):
    """The modules that a path of runs draws."""
    rows = [[False] * side for _ in range(side)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg_path):
        for step in range(int(length)):
            rows[int(y)][int(x) + step] = True
    return rows


def expected(address):
    code = segno.make(address, error="m", boost_error=False, micro=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=4)]


@pytest.mark.parametrize("address", ["https://example.org/F23", "https://example.org/reading-list/?items=F1,F2,P33"])
def test_a_qr_code_is_drawn_module_by_module_with_its_quiet_zone(address):
    assert qrcodes.code_for(address).error == "M"
    assert modules_of(qrcodes.png(address)) == expected(address)
    side, path = qrcodes.path(address)
    assert drawn(path, side) == expected(address)
    assert not any(expected(address)[row][column] for row in range(4) for column in range(side))
    svg = html5lib.parse(qrcodes.svg(address).decode(), namespaceHTMLElements=False)
    assert f"opens {address}" in "".join(svg.itertext())


@database
def test_every_entry_has_the_qr_code_of_its_short_address_withdrawn_ones_too(client):
    for entry in [make_finding(**withdrawn()), make_source(), make_theme(), make_review(), make_key_message()]:
        address = f"http://testserver/{entry.code}"
        response = client.get(f"/{entry.code.lower()}/qr.png")
        assert response["Content-Type"] == "image/png"
        assert modules_of(response.content) == expected(address)
        response = client.get(f"/{entry.code}/qr.svg")
        assert response["Content-Type"] == "image/svg+xml"
        assert address in text(response)
    with override_settings(SITE_URL="https://evidence.example.org/kb"):
        address = f"https://evidence.example.org/kb{entry.short_url}"
        assert modules_of(client.get(f"/{entry.code}/qr.png").content) == expected(address)


@database
def test_a_draft_and_what_is_not_there_have_no_qr_code(client):
    draft = make_finding(status="draft", published_on=None)
    for code in [draft.code, "F999"]:
        assert client.get(f"/{code}/qr.svg").status_code == 404
    assert reverse("qr-code", args=["F1", "png"]) == "/F1/qr.png"
