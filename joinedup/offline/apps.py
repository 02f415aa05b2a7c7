from django.apps import AppConfig


class OfflineConfig(AppConfig):
    name = "joinedup.offline"
    label = "offline"
