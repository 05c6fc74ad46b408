"""Addresses of the record, under each language."""

from django.urls import path

from .views import initiatives, meetings, pillars

urlpatterns = [
    path("initiatives/", initiatives.initiatives, name="initiatives"),
    path("initiatives/<slug:key>/", initiatives.initiative, name="initiative"),
    path("initiatives/<slug:key>/editions/<int:number>/content.json", initiatives.content, name="edition_content"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/<slug:key>/", meetings.meeting, name="meeting"),
    path("cycles/<slug:cycle>/pillars/<int:number>/", pillars.pillar, name="pillar"),
    path("pillars/<int:number>/", pillars.newest_pillar, name="newest_pillar"),
]
