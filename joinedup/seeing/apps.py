import logging

from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished
from django.db.backends.signals import connection_created


class SeeingConfig(AppConfig):
    name = "joinedup.seeing"
    label = "seeing"

    def ready(self):
        from joinedup.seeing import requests

        logging.captureWarnings(True)  # Python's own, which would go to stderr in a form of their own
        request_finished.connect(requests.over)
        if settings.SLOW_QUERY_MS:
            from joinedup.seeing.queries import log_slow

            around_every_query(log_slow)
        if settings.METRICS:
            from joinedup.seeing.metrics import count_query

            around_every_query(count_query)


def around_every_query(wrapper):
    """Have `wrapper` around the queries of every connection, of whichever database and thread."""

    def wrap(connection, **kwargs):
        if wrapper not in connection.execute_wrappers:  # a connection that broke is made anew with what it had
            connection.execute_wrappers.append(wrapper)

    connection_created.connect(wrap, weak=False)
