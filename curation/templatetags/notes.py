from django import template

from curation.commentadmin import PERMISSION
from curation.comments import Comment

register = template.Library()
MOST = 50


@register.simple_tag(takes_context=True)
def notes_to_me(context):
    """The open notes that wait for the person who is logged in, with their entries."""
    user = context["request"].user
    if not user.has_perm(PERMISSION):
        return []
    notes = Comment.objects.waiting_for(user).with_answers().select_related("content_type")
    return notes.prefetch_related("entry")[:MOST]
