"""Searches that found little, as a task of the desk."""

from django.urls import reverse

from curation.tasks import Card
from findings.desk import FOUND
from joinedup.search.models import MissedSearch


class MissedTask:
    name, group = "missed", FOUND

    def card(self, user):
        if not user.has_perm("findings.change_term"):
            return None
        lines = []
        if often := MissedSearch.objects.order_by("-times", "-day").first():
            times = "once" if often.times == 1 else f"{often.times:,} times"
            lines = ["in the last 90 days", f"Most often: “{often.text}”, {times}"]
        count = MissedSearch.objects.count() if lines else 0
        return Card("Searches that found little", count, reverse("admin:search_missedsearch_changelist"), lines)
