import pytest

from sources.bibliography.dates import Date, read_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2003", Date("2003")),
        ("2003-05", Date("2003-05")),
        ("2003-5-2", Date("2003-05-02")),
        ("2003-05-12T10:15:00Z", Date("2003-05-12")),
        ("2003/05/12/", Date("2003-05-12")),
        ("2003/05//", Date("2003-05")),
        ("2003//", Date("2003")),
        ("2003///circa", Date("2003", is_approximate=True)),
        ("2003///Spring", Date("2003", is_whole=False)),
        ("2003~", Date("2003", is_approximate=True)),
        ("2003?", Date("2003", is_approximate=True)),
        ("[2003]", Date("2003", is_approximate=True)),
        ("c. 2003", Date("2003", is_approximate=True)),
        ("circa 2003", Date("2003", is_approximate=True)),
        ("c2003", Date("2003")),
        ("©2003", Date("2003")),
        ("May 2003", Date("2003-05")),
        ("12 May 2003", Date("2003-05-12")),
        ("May 12, 2003", Date("2003-05-12")),
        ("12th September 2003", Date("2003-09-12")),
        ("2003 May 12", Date("2003-05-12")),
        ("05/2003", Date("2003-05")),
        ("12/05/2003", Date("2003", is_whole=False)),
        ("2003 May-Jun", Date("2003-05", is_whole=False)),
        ("Spring 2003", Date("2003", is_whole=False)),
        ("2003-2005", Date("2003", is_whole=False)),
        ("2003/2005", Date("2003", is_whole=False)),
        ("2003-02-30", Date("2003", is_whole=False)),
        ("2003 (in press)", Date("2003", is_whole=False)),
        ("in press", None),
        ("n.d.", None),
        ("", None),
        ("0000", None),
        ("٢٠٠٣", None),
    ],
)
def test_dates(text, expected):
    assert read_date(text) == expected
