"""Addresses of initiatives and pillars, under each language."""

from django.urls import path

from . import views

urlpatterns = [
    path("initiatives/", views.initiatives, name="initiatives"),
    path("initiatives/<slug:key>/", views.initiative, name="initiative"),
    path("initiatives/<slug:key>/editions/<int:number>/content.json", views.content, name="edition_content"),
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/<slug:key>/", views.meeting, name="meeting"),
    path("cycles/<slug:cycle>/pillars/<int:number>/", views.pillar, name="pillar"),
    path("pillars/<int:number>/", views.newest_pillar, name="newest_pillar"),
]
