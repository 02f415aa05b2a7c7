from django.apps import AppConfig


class RoomCopyConfig(AppConfig):
    name = "joinedup.roomcopy"
    label = "roomcopy"
