"""Addresses of stakeholders, under each language."""

from django.urls import path

from .views import follow

urlpatterns = [
    path("follow/", follow.follow, name="follow"),
    path("follow/sent/", follow.follow_sent, name="follow_sent"),
    path("follow/confirm/<str:token>/", follow.follow_confirm, name="follow_confirm"),
    path("follow/<str:secret>/", follow.following_page, name="following"),
    path("follow/<str:secret>/unsubscribe/", follow.unsubscribe, name="unsubscribe"),
]
