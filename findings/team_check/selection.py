"""Which practice points a team is asked about: those of a review, of some groups, or a chosen few."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from findings.choices import WengerElement
from findings.models import PracticeImplication, Review

MOST_POINTS = 150
ASKED_AT_ONCE = 40  # of more, a team chooses first
CODES = re.compile(r"P[1-9][0-9]{0,8}", re.IGNORECASE)


@dataclass
class Selection:
    """`review` is a slug, `elements` values of WengerElement, `points` codes; each may be empty, which means all."""

    review: str = ""
    elements: tuple = ()
    points: tuple = ()

    @classmethod
    def read(cls, data):
        """From an address or a form (a QueryDict), with notices of what makes no sense."""
        notices = []
        review = data.get("review", "")[:120].replace("\0", "�")
        if review and not Review.objects.published().filter(slug=review).exists():
            notices.append(f"There is no review “{review[:40]}” here, so points of all reviews are asked.")
            review = ""
        asked = [value for text in data.getlist("points") for value in text.replace(",", " ").split()]
        points = tuple(dict.fromkeys(value.upper() for value in asked if CODES.fullmatch(value)))
        if wrong := [value for value in asked if not CODES.fullmatch(value)]:
            notices.append(f"“{wrong[0][:40]}” is no code of a practice point, so it was left out.")
        elements = tuple(dict.fromkeys(value for value in data.getlist("element") if value in WengerElement.values))
        if len(elements) < len(set(filter(None, data.getlist("element")))):
            notices.append("A group that does not exist was left out.")
        return cls(review, elements, points[:MOST_POINTS]), notices

    @property
    def is_empty(self):
        return not (self.review or self.elements or self.points)

    @property
    def pairs(self):
        """As parameters of an address or hidden fields."""
        found = [("review", self.review)] if self.review else []
        found += [("element", element) for element in self.elements]
        return found + ([("points", ",".join(self.points))] if self.points else [])

    @property
    def query(self):
        return urlencode(self.pairs, safe=",")

    def narrow(self, points):
        """Those of a QuerySet of practice points that are selected."""
        if self.points:
            return points.with_codes(self.points)
        if self.review:
            points = points.filter(review__slug=self.review)
        return points.filter(element__in=self.elements) if self.elements else points


def choices():
    """What can be chosen from: (review, [(element, its points)]) for each review with questions for teams."""
    asked = PracticeImplication.objects.asked_of_teams().select_related("review")[: MOST_POINTS * 4]
    reviews = {}
    for point in asked:
        groups = reviews.setdefault(point.review, {})
        groups.setdefault(point.element, []).append(point)
    return [
        (review, [(element, groups[element]) for element in WengerElement if element in groups])
        for review, groups in reviews.items()
    ]
