from django import template

from joinedup.accounts.models import ClosedTour

register = template.Library()


@register.simple_tag(takes_context=True)
def tour_is_open(context):
    """Whether the person who is logged in has not closed the tour yet."""
    return not ClosedTour.objects.filter(user=context["request"].user).exists()
