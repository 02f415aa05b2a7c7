"""Addresses in templates: ``{% path "tag" tag.slug %}`` is ``{% url "tag" tag.slug %}``, by `sources.routes`."""

from django import template

from sources.routes import path

register = template.Library()
register.simple_tag(path)
