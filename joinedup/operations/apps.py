import logging

from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished


class OperationsConfig(AppConfig):
    name = "joinedup.operations"
    label = "operations"

    def ready(self):
        from joinedup.operations import request_log
        from joinedup.operations.query_log import around_every_query, log_slow

        logging.captureWarnings(True)  # Python's own, which would go to stderr in a form of their own
        request_finished.connect(request_log.clear_current)
        if settings.SLOW_QUERY_MS:
            around_every_query(log_slow)
        if settings.METRICS:
            from joinedup.operations.metrics import count_query

            around_every_query(count_query)
