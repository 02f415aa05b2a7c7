import pytest

from sources.bibliography.matching import MAYBE, NEW, SAME, Holdings, Work, likeness, normal


class TestLikeness:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("The Children’s Act", "children's act"),
            ("An Évaluation: of Things", "Evaluation of things"),
            ("Health & social care", "Health and Social Care."),
            ("Straße", "STRASSE"),
        ],
    )
    def test_case_accents_punctuation_and_a_leading_article_say_nothing(self, one, other):
        assert normal(one) == normal(other)

    @pytest.mark.parametrize("text", ["", "...", "The", "a", "共同研究", "\u0301" * 10])
    def test_any_title_has_a_normal_form(self, text):
        assert normal(normal(text)) == normal(text)

    def test_a_slip_of_the_pen_is_near_and_another_work_is_not(self):
        title = normal("Working together with families in need")
        assert likeness(title, normal("Working togehter with families in need")) >= 0.92
        assert likeness(title, normal("Working alone with children in care")) < 0.92

    def test_a_title_without_its_subtitle_is_near(self):
        assert likeness("working together in child protection", "working together in child protection a study") >= 0.92
        assert likeness("child protection", "child protection in schools") < 0.92

    def test_other_numbers_make_another_work(self):
        assert (
            likeness(normal("Annual report of the service, part 1"), normal("Annual report of the service, part 2"))
            == 0
        )


class TestMatching:
    def works(self, *titles, **values):
        return Holdings(Work.of(n, title, "2002", "Hudson", **values) for n, title in enumerate(titles))

    def match(self, holdings, title="Elsewhere", issued="2002", author="Hudson", **values):
        return holdings.find(Work.of(None, title, issued, author, **values))[0]

    def test_the_same_doi_is_the_same_work_whatever_the_title(self):
        held = self.works("A work", doi="10.1000/a")
        assert self.match(held, doi="10.1000/a") == SAME
        assert self.match(held, doi="10.1000/b") == NEW

    def test_the_same_isbn_is_the_same_work_if_the_title_is_near(self):
        held = self.works("Effective practice in health", isbn="9780306406157")
        assert self.match(held, "Efective practice in health", "1999", isbn="9780306406157") == SAME
        assert self.match(held, "A chapter of it", isbn="9780306406157") == NEW

    def test_title_year_and_first_author_together_are_the_same_work(self):
        held = self.works("Effective practice in health")
        assert self.match(held, "The effective practice in health!") == SAME
        assert self.match(held, "Effective practice in health", "2003") == MAYBE
        assert self.match(held, "Effective practice in health", "2005") == NEW
        assert self.match(held, "Effective practice in health", "") == MAYBE

    def test_a_title_that_is_near_in_spelling_and_year_is_perhaps_the_same_work(self):
        held = self.works("Effective practice in health and social care", "Something else")
        assert self.match(held, "Efective practice in health and social care") == MAYBE
        assert self.match(held, "Effective practice in health and social caer", "2001") == MAYBE
        assert self.match(held, "Effective practice in health and social care: a reader", "2003") == MAYBE
        assert self.match(held, "Efective practice in health and social care", "2010") == NEW

    def test_a_short_title_of_another_author_is_another_work(self):
        held = self.works("Introduction")
        assert self.match(held, "Introduction", author="Frost") == NEW
        assert self.match(held, "Introduction", author="Hudsen") == MAYBE

    def test_editorials_of_one_journal_differ_by_their_place(self):
        held = self.works("Editorial", container="A journal", place=("1", "2", "3"))
        assert self.match(held, "Editorial", container="A journal", place=("1", "2", "3")) == SAME
        assert self.match(held, "Editorial", container="A journal", place=("1", "3", "3")) == MAYBE

    @pytest.mark.parametrize("make", [lambda n: "Untitled", lambda n: f"Report {n}", lambda n: f"care {n % 7} " * 9])
    def test_titles_that_are_all_alike_do_not_take_time_without_end(self, make):
        holdings = Holdings()
        for n in range(3000):
            work = Work.of(n, make(n), "2002", "Hudson", place=(str(n), "", ""))
            holdings.find(work)
            holdings.add(work)
