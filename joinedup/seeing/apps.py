import logging

from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished


class SeeingConfig(AppConfig):
    name = "joinedup.seeing"
    label = "seeing"

    def ready(self):
        from joinedup.seeing import requests
        from joinedup.seeing.queries import around_every_query, log_slow

        logging.captureWarnings(True)  # Python's own, which would go to stderr in a form of their own
        request_finished.connect(requests.over)
        if settings.SLOW_QUERY_MS:
            around_every_query(log_slow)
        if settings.METRICS:
            from joinedup.seeing.metrics import count_query

            around_every_query(count_query)
