from django.apps import AppConfig


class SafekeepingConfig(AppConfig):
    name = "joinedup.safekeeping"
    label = "safekeeping"
    verbose_name = "Safekeeping"
