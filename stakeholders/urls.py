"""Addresses of stakeholders, under each language."""

from django.urls import path

from . import views

urlpatterns = [
    path("follow/", views.follow, name="follow"),
    path("follow/sent/", views.follow_sent, name="follow_sent"),
    path("follow/confirm/<str:token>/", views.follow_confirm, name="follow_confirm"),
    path("follow/<str:secret>/", views.following_page, name="following"),
    path("follow/<str:secret>/unsubscribe/", views.unsubscribe, name="unsubscribe"),
]
