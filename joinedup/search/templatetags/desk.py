from django import template
from django.urls import reverse

from findings.desk import Task, tasks
from joinedup.search.models import MissedSearch

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_tasks(context):
    """All the work that waits for the person who is logged in."""
    user = context["request"].user
    waiting = tasks(user)
    missed = MissedSearch.objects.count() if user.has_perm("findings.change_term") else 0
    if missed:
        words = f"{missed} search{'' if missed == 1 else 'es'} that found little"
        waiting.append(Task(words, missed, reverse("admin:search_missedsearch_changelist")))
    return waiting
