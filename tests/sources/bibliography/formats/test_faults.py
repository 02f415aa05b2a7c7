"""Faults that files of any program have, in every format that can have them, and their neighbours."""

import json

import pytest

from sources.bibliography import formats
from sources.bibliography.record import Name


def ris(title="T", author="", date="", kind="JOUR", **tags):
    lines = [f"TY  - {kind}", f"TI  - {title}", f"AU  - {author}", f"PY  - {date}"]
    return "\n".join([*lines, *(f"{tag}  - {value}" for tag, value in tags.items()), "ER  - ", ""])


def bibtex(title="T", author="", date=""):
    return f"@article{{k,\n title = {{{title}}},\n author = {{{author}}},\n date = {{{date}}}\n}}\n"


def csl(title="T", author="", date="", **variables):
    item = {"type": "article-journal", "title": title, "author": author, "issued": {"raw": date}}
    return json.dumps(item | variables)


def nbib(title="T", author="", date="", *lines):
    return "\n".join(["PMID- 1", f"TI  - {title}", f"AU  - {author}", f"DP  - {date}", "JT  - J", *lines, ""])


def table(title="T", author="", date=""):
    return f'Title\tAuthor\tDate\tType\n"{title}"\t"{author}"\t"{date}"\tBook\n'


ALL = [ris, bibtex, csl, nbib, table]


def one(text):
    [record] = formats.parse(text.encode()).records
    return record


def told(record, field):
    return [message for name, message in record.remarks if name == field]


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    ("typed", "families"),
    [
        ("Quill J, Ferris P", ["Quill", "Ferris"]),
        ("Quill J, Ferris P, van der Berg KL", ["Quill", "Ferris", "van der Berg"]),
        ("Quill J., Ferris P.", ["Quill", "Ferris"]),
        ("J. Quill, P. Ferris", ["Quill", "Ferris"]),
        ("Quill, J., Ferris, P.", ["Quill", "Ferris"]),
        ("Quill, J.; Ferris, P.", ["Quill", "Ferris"]),
        ("Quill, J., Ferris, P., & Marlowe, Q.", ["Quill", "Ferris", "Marlowe"]),
    ],
)
def test_several_names_in_one_field_are_several_people(write, typed, families):
    record = one(write(author=typed))
    assert [name.family for name in record.contributors] == families
    assert told(record, "contributors") or write is table  # where a list is the custom


@pytest.mark.parametrize("write", [ris, csl, nbib, table])
@pytest.mark.parametrize(
    "typed", ["Quill J and Ferris P", "Quill, J. and Ferris, P.", "Jo Quill & Pat Ferris", "Quill, J./Ferris, P."]
)
def test_and_divides_people(write, typed):
    assert [name.family for name in one(write(author=typed)).contributors] == ["Quill", "Ferris"]


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize("typed", ["Quill, Jo; et al.", "Quill J, et al", "Quill, Jo et al.", "Quill, J. and others"])
def test_others_are_no_person_and_are_told(write, typed):
    record = one(write(author=typed))
    assert [name.family for name in record.contributors] == ["Quill"]
    assert any("find their names" in message for message in told(record, "contributors"))
    assert "and others" in record.note


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    "typed", ["Marks and Spencer", "Health and Safety Executive", "Children and Families Team", "Young & Young Trust"]
)
def test_an_organisation_with_and_in_its_name_is_one(write, typed):
    braced = f"{{{typed}}}" if write is bibtex else typed
    assert [name.literal for name in one(write(author=braced)).contributors] == [typed]


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    "typed",
    [
        "Department for Education, England",
        "University of Nowhere, School of Care",
        "Great Britain, Department of Health",
        "Ofsted, England",
        "Corridor Press, Inc.",
    ],
)
def test_an_organisation_with_a_comma_is_one_and_told(write, typed):
    record = one(write(author=typed))
    assert [name.literal for name in record.contributors] == [typed]
    assert told(record, "contributors")


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize("typed", ["England, John", "School, Ann", "Young, James", "de School, Aa"])
def test_a_person_with_the_name_of_a_thing_is_a_person(write, typed):
    family, given = typed.split(", ")
    assert one(write(author=typed)).contributors == [Name(family=family, given=given)]


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("King, John Jr", Name(family="King Jr", given="John")),
        ("King, John, Jr.", Name(family="King Jr.", given="John")),
        ("King, John III", Name(family="King III", given="John")),
        ("King, John 3rd", Name(family="King 3rd", given="John")),
        ("King, Jr., John", Name(family="King Jr.", given="John")),
        ("Seau, Junior", Name(family="Seau", given="Junior")),
    ],
)
def test_a_suffix_goes_with_the_family_name(write, typed, name):
    if write is bibtex:  # where of three parts the second is the suffix
        typed = typed.replace("King, John, Jr.", "King, Jr., John")
    assert one(write(author=typed)).contributors == [name]


@pytest.mark.parametrize("typed", ["King J Jr", "King J. Jr"])
def test_a_suffix_behind_initials_is_none_of_them(typed):
    [name] = one(nbib(author=typed)).contributors
    assert (name.family, name.given.rstrip(".")) == ("King Jr", "J")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("family=Groote, given=Frank, prefix=de, useprefix=true", Name(family="de Groote", given="Frank")),
        ("family=Groote, given=Frank, prefix=de", Name(family="de Groote", given="Frank")),
        ("given=Anna, family={van Dyck}", Name(family="van Dyck", given="Anna")),
        ("family=King, given=Martin, suffix=Jr.", Name(family="King Jr.", given="Martin")),
        ('family="Oak, Ltd", given=A., given-i=A', Name(family="Oak, Ltd", given="A.")),
        ("family=Alembert, given=Jean, prefix=d'", Name(family="d'Alembert", given="Jean")),
    ],
)
def test_names_in_the_extended_form_of_biblatex(typed, name):
    assert one(bibtex(author=typed + " and Guez, Arthur")).contributors[0] == name


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    ("typed", "issued"),
    [
        ("20130412", "2013-04-12"),
        ("201304", "2013-04"),
        ("25/12/2013", "2013-12-25"),
        ("12/25/2013", "2013-12-25"),
        ("2013-04-00", "2013-04"),
        ("Apr 12 2013", "2013-04-12"),
    ],
)
def test_dates_in_any_order_are_read(write, typed, issued):
    record = one(write(date=typed))
    assert record.issued == issued
    assert not told(record, "issued")


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize("typed", ["Spring 2013", "2013-2014", "12/05/2013", "2013-21", "in press, 2013"])
def test_of_a_date_that_is_not_sure_the_year_is_taken_and_the_rest_told(write, typed):
    record = one(write(date=typed))
    assert record.year == "2013"
    assert any(typed in line for line in record.note.split("\n"))
    assert told(record, "issued")


@pytest.mark.parametrize("write", ALL)
def test_a_year_to_come_is_told(write):
    assert "The year 2099 is in the future." in told(one(write(date="2099")), "issued")


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ({"date-parts": [2004, 5, 1]}, "2004-05-01"),
        ({"date-parts": ["2004", "05"]}, "2004-05"),
        ({"date-parts": 2004}, "2004"),
        ({"date-parts": [["2004-05-01"]]}, "2004-05-01"),
        ({"date-parts": [[25, 12, 2004]]}, "2004-12-25"),
        ([2004, 5, 1], "2004-05-01"),
        ([[2004, 5]], "2004-05"),
        ({"year": 2004, "month": 5, "day": 1}, "2004-05-01"),
    ],
)
def test_slips_in_the_dates_of_csl_json_are_read(issued, expected):
    assert one(csl(issued=issued)).issued == expected


@pytest.mark.parametrize(
    ("issued", "note"),
    [
        ({"date-parts": [[2004], [2006]]}, "Date: 2004/2006"),
        ({"date-parts": [[2004]], "season": 3}, "Season: 3"),
        ({"date-parts": [[2004]], "literal": "Advent 2004"}, "Date: Advent 2004"),
        ({"date-parts": [[2004, 5, 1, 7]]}, "Date: 2004 5 1 7"),
    ],
)
def test_what_else_a_date_of_csl_json_says_is_kept(issued, note):
    record = one(csl(issued=issued))
    assert record.year == "2004"
    assert note in record.note.split("\n")
    assert record.remarks


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("<i>Escherichia</i> in H<sub>2</sub>O &ndash; caf&eacute;", "Escherichia in H2O – café"),
        ("Teams &amp;amp; trust &#8211; &#x201C;now&#x201D;", "Teams & trust – “now”"),
        ("&lt;em&gt;Who&lt;/em&gt; decides", "Who decides"),
        ("10<sup>3</sup> visits, 1<sup>st</sup> of all", "10³ visits, 1st of all"),
        ("<span style='x'>NHS</span> <b>teams</b><br/>again", "NHS teams again"),
        ("Where p < 0.05 and a > b", "Where p < 0.05 and a > b"),
        ("Practi\u00adtioners in the mu\u0308nster", "Practitioners in the münster"),
        ("Teams\u00a0that\u202ftalk", "Teams that talk"),
        ("AT&T; &nosuch; thing", "AT&T; &nosuch; thing"),
    ],
)
def test_markup_and_entities_are_plain_text(write, typed, title):
    if write is bibtex:
        typed = typed.replace("&", "\\&").replace("#", "\\#")
    assert one(write(title=typed)).title == title


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    ("typed", "title", "italics"),
    [
        ("After <i>Every Child Matters</i>: what now?", "After Every Child Matters: what now?", "Every Child Matters"),
        ("<em>Gillick</em> and <italic>Fraser</italic>", "Gillick and Fraser", "Gillick; Fraser"),
        ("&lt;i&gt;In loco&lt;/i&gt; parentis", "In loco parentis", "In loco"),
        ("<i>Caf<b>&eacute;</b></i> teams", "Café teams", "Café"),
        ("<i>Teams;  trust</i>", "Teams; trust", "Teams; trust"),
        ("Re <i>A.</i>", "Re A", "A"),
        ("<i>Teams</i> and <i>Teams</i>", "Teams and Teams", "Teams"),
        ("<i>One <i>and</i> all</i>", "One and all", "and"),
        ("<I CLASS='x'>Loud</I> teams", "Loud teams", "Loud"),
        ("An <i>open tag", "An open tag", ""),
        ("<i></i>Nothing", "Nothing", ""),
        ("<strong>Bold</strong> <sub>low</sub>", "Bold low", ""),
    ],
)
def test_italics_are_kept_beside_the_title(write, typed, title, italics):
    if write is bibtex:
        typed = typed.replace("&", "\\&")
    record = one(write(title=typed))
    assert (record.title, record.title_italics) == (title, italics)


@pytest.mark.parametrize(
    ("typed", "italics"),
    [
        (r"After \emph{Every {Child} Matters} here", "Every Child Matters"),
        (r"{After \textit{Gillick}}", "Gillick"),
        (r"\mkbibemph{{NHS}} teams", "NHS"),
        (r"{\em Caf\'e} teams and {\itshape trust}", "Café; trust"),
        (r"An \emph open brace", ""),
        (r"\textbf{Bold}", ""),
    ],
)
def test_italics_of_latex_are_kept_beside_the_title(typed, italics):
    assert one(bibtex(title=typed)).title_italics == italics


def test_italics_of_a_subtitle_are_kept():
    item = csl(title=["Small steps"], subtitle=["after <i>Every Child Matters</i>"])
    assert one(item).title == "Small steps: after Every Child Matters"
    assert one(item).title_italics == "Every Child Matters"
    both = one(bibtex(title=r"\emph{Who decides?}}, subtitle = {After \emph{Gillick}"))
    assert (both.title, both.title_italics) == ("Who decides? After Gillick", "Who decides?; Gillick")


def test_italics_that_were_cut_off_with_the_title_are_told():
    record = one(csl(title="long " * 1000 + "<i>Gillick</i>"))
    assert record.title_italics == ""
    assert "“Gillick” is not set in italics: it was cut off." in told(record, "title")


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        (r"CO\textsubscript{2} and x\textsuperscript{3}", "CO2 and x³"),
        (r"{{H\textsubscript{2}O}} at 10\textsuperscript{-3}", "H2O at 10⁻³"),
        (r"$10^{-3}$ and H$_2$O", "10⁻³ and H2O"),
        (r"\enquote{Good enough} {\em care}", "“Good enough” care"),
        (r"\href{https://example.org}{Teams}", "Teams (https://example.org)"),
        (r"\textalpha{} \textless{} \textbar", "α < |"),
        (r"\MakeUppercase{n}hs \textunderscore{}", "nhs _"),
    ],
)
def test_commands_of_better_bibtex_are_plain_text(typed, title):
    assert one(bibtex(title=typed)).title == title


def test_a_command_that_is_not_known_stays_and_is_told():
    record = one(bibtex(title=r"The \foo{bar} case"))
    assert record.title == r"The \foo bar case"
    assert "“\\foo” in “title” is a command of LaTeX that is not known here." in told(record, "")


@pytest.mark.parametrize("write", ALL)
@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("Teamwork in hospitals.", "Teamwork in hospitals"),
        ("Teamwork in the U.K.", "Teamwork in the U.K."),
        ("Oak and Sons Ltd.", "Oak and Sons Ltd."),
        ("And so on...", "And so on..."),
        ("Who talks?", "Who talks?"),
        ("Teamwork /", "Teamwork"),
    ],
)
def test_a_title_loses_the_full_stop_at_its_end(write, typed, title):
    assert one(write(title=typed)).title == title


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ({"title": ["Working together"], "subtitle": ["a study"]}, "Working together: a study"),
        ({"title": ["Who talks?"], "subtitle": ["A study"]}, "Who talks? A study"),
        ({"title": "Working: a study", "subtitle": "a study"}, "Working: a study"),
        ({"title": ["Working"], "subtitle": ["one", "two"]}, "Working: one: two"),
        ({"title": [], "subtitle": ["Alone"]}, "Alone"),
    ],
)
def test_title_and_subtitle_are_one(item, title):
    assert one(json.dumps({"message": {"type": "journal-article", **item}})).title == title


def test_a_second_title_is_kept_and_told():
    record = one(csl(title=["Teams", "Mannschaften"]))
    assert (record.title, record.note) == ("Teams", "Title: Mannschaften")
    assert told(record, "title")


@pytest.mark.parametrize(
    ("kind", "container", "series", "note"),
    [
        ("article-journal", "A Journal", "", "Container title: A J"),
        ("chapter", "A J", "A Journal", ""),
        ("paper-conference", "A J", "A Journal", ""),
    ],
)
def test_of_several_containers_each_has_its_place(kind, container, series, note):
    record = one(csl(type=kind, **{"container-title": ["A Journal", "A J"]}))
    assert (record.container_title, record.series, record.note) == (container, series, note)
    assert told(record, "container_title")


@pytest.mark.parametrize(
    "text",
    [
        csl(**{"article-number": "e57410"}),
        ris(C7="e57410"),
        ris(C7="Article e57410"),
        bibtex().replace("title =", "eid = {e57410}, title ="),
        bibtex().replace("title =", "article-number = {e57410}, title ="),
        bibtex().replace("title =", "art_number = {Art. No. e57410}, title ="),
        nbib("T", "", "", "PG  - e57410"),
        nbib("T", "", "", "LID - e57410 [pii]"),
        "Title,Source title,Art. No.\nT,J,e57410\n",
        "TI\tSO\tAR\nT\tJ\te57410\n",
    ],
)
def test_an_article_number_stands_where_pages_would(text):
    assert one(text).pages == "e57410"


@pytest.mark.parametrize(
    "text",
    [
        csl(page="1-9", **{"article-number": "e7"}),
        ris(SP="1", EP="9", C7="e7"),
        bibtex().replace("title =", "pages = {1--9}, eid = {e7}, title ="),
    ],
)
def test_an_article_number_beside_pages_is_kept(text):
    record = one(text)
    assert (record.pages, record.note) == ("1-9", "Article number: e7")
    assert told(record, "note")


ADDRESS = "https://www.database.example/records?id=L900"
DOI = "10.5555/case.l2"


@pytest.mark.parametrize(
    "text",
    [
        ris(UR=ADDRESS, L2=f"http://dx.doi.org/{DOI}"),
        ris(UR=ADDRESS, L3=f"https://doi.org/{DOI}"),
        ris(UR=ADDRESS, L1=DOI.upper()),
        ris(UR=ADDRESS, M3=f"doi: {DOI}"),
        ris(UR=ADDRESS, N1=f"doi:{DOI}"),
        ris(UR=ADDRESS, N1=f"Times cited: 3. DOI: {DOI}."),
        ris(UR=f"{ADDRESS};https://doi.org/{DOI}"),
        bibtex().replace("title =", f"url = {{{ADDRESS}}}, note = {{doi: {DOI}}}, title ="),
        bibtex().replace("title =", f"url = {{{ADDRESS}}}, ee = {{https://doi.org/{DOI}}}, title ="),
        csl(URL=ADDRESS, note=f"PMID: 1\nDOI: {DOI}"),
        f"Title,Url,Extra\nT,{ADDRESS},DOI: {DOI}\n",
    ],
)
def test_a_doi_is_found_wherever_it_stands(text):
    record = one(text)
    assert (record.doi, record.url) == (DOI, ADDRESS)


def test_two_dois_in_notes_are_left_there():
    assert one(ris(N1=f"doi: {DOI} and doi: {DOI}.2")).doi == ""


@pytest.mark.parametrize(
    ("lines", "csl_type"),
    [
        ("OID - ED189449", "report"),
        ("OID - ED189449\nPT  - Dissertations/Theses - Doctoral Dissertations", "thesis"),
        ("OID - ED189449\nPT  - Books\nPT  - Guides - General", "book"),
        ("OID - ED189449\nPT  - Speeches/Meeting Papers\nPT  - Reports - Research", "paper-conference"),
        ("OID - EJ189449\nJT  - A Journal\nPT  - Journal Articles\nPT  - Reports - Research", "article-journal"),
    ],
)
def test_what_eric_writes_is_no_article_unless_it_is_one(lines, csl_type):
    text = "OWN - ERIC\nTI  - Growing Together.\nAU  - Quill, Jo\nAU  - And Others\nDP  - 1980\n"
    text += f"LID - http://eric.example/?id=1\n{lines}\n"
    first, second = formats.parse(f"{text}\n{text}".encode(), "eric.txt").records
    assert first == second
    assert first.csl_type == csl_type
    assert (first.title, first.url) == ("Growing Together", "http://eric.example/?id=1")
    assert first.contributors == [Name(family="Quill", given="Jo")]


NBIB = (
    "PMID- 90\nOWN - NLM\nSTAT- MEDLINE\nDP  - 2012 Jun\nTI  - Doubled line\n      ends.\nJT  - J\n\n"
    "PMID- 91\nOWN - NLM\nTI  - B.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        NBIB,
        NBIB.replace("\n", "\r\r\n"),
        NBIB.replace("\n", "\n\n"),
        NBIB.replace("\n", " \n\n\n"),
        "\ufeff" + NBIB.replace("PMID- 91", "\ufeffPMID- 91"),
        NBIB.replace("- ", "-\u00a0"),
    ],
)
def test_empty_lines_and_marks_inside_a_file_divide_no_record(text):
    records = formats.parse(text.encode()).records
    assert [(record.key, record.title) for record in records] == [("90", "Doubled line ends"), ("91", "B")]


@pytest.mark.parametrize("text", ["TY  - JOUR\nTI  - A\nER  - \n\ufeffTY  - JOUR\nTI  - B\nER  - \n"])
@pytest.mark.parametrize(("sign", "other"), [("\n", "\r\r\n"), ("\n", "\n\n"), (" ", "\u00a0"), ("", "")])
def test_ris_of_any_line_ends_and_blanks_is_read(text, sign, other):
    parsed = formats.parse((text.replace(sign, other) if sign else text).encode())
    assert [record.title for record in parsed.records] == ["A", "B"]
    assert parsed.is_complete


@pytest.mark.parametrize("typed", ["17-Jul", "Jul-17", "7. Jul", "2017-07-17", "2017-07-17 00:00:00", "17/07/2017"])
@pytest.mark.parametrize(
    "write",
    [
        lambda pages: ris(SP=pages),
        lambda pages: bibtex().replace("title =", f"pages = {{{pages}}}, title ="),
        lambda pages: csl(page=pages),
        lambda pages: nbib("T", "", "", f"PG  - {pages}"),
        lambda pages: f"Title,Journal,Pages\nT,J,{pages}\n",
    ],
)
def test_pages_that_a_spreadsheet_made_a_date_are_told_and_not_taken(write, typed):
    record = one(write(typed))
    assert record.pages == ""
    assert f"Pages: {typed}" in record.note
    assert "are a date" in told(record, "pages")[0]


@pytest.mark.parametrize("typed", ["7-17", "e12", "S1-S9", "2017", "12", "dec12"])
def test_pages_are_no_date(typed):
    assert one(ris(SP=typed)).pages == typed


@pytest.mark.parametrize("tag", ["A2", "A3"])
def test_the_second_author_of_a_thesis_is_its_advisor(tag):
    record = one(ris(kind="THES", author="Quill, P.", **{tag: "Guide, Gwen"}))
    assert [name.role for name in record.contributors] == ["author"]
    assert record.note == "Advisor: Guide, Gwen"
    assert told(record, "note")
    assert "Series editor" in one(ris(kind="RPRT", A3="Guide, Gwen")).note


@pytest.mark.parametrize(
    ("tags", "csl_type"),
    [
        ({"JO": "A Journal"}, "article-journal"),
        ({"T2": "A Journal", "VL": "3"}, "article-journal"),
        ({"SN": "9780521663632", "PB": "A Press"}, "book"),
        ({"T2": "A Book", "SP": "1", "EP": "9", "SN": "9780521663632"}, "chapter"),
        ({"PB": "A Press"}, "document"),
    ],
)
def test_a_generic_record_is_what_its_fields_say_and_told(tags, csl_type):
    record = one(ris(kind="GEN", **tags))
    assert record.csl_type == csl_type
    assert bool(told(record, "csl_type")) == (csl_type != "document")


def test_what_is_kept_in_the_note_is_told_at_its_record():
    parsed = formats.parse((ris() + ris("B", Z9="an odd thing", C5="another")).encode())
    plain, odd = parsed.records
    assert not plain.remarks
    assert odd.note == "Z9: an odd thing\nC5: another"
    assert odd.remarks == [("note", "No field here for Z9, C5: kept in the note.")]
