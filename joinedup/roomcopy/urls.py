from django.urls import path

from joinedup.roomcopy import views

urlpatterns = [path("room-copy.zip", views.room_copy, name="room-copy")]
