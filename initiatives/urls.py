"""Addresses of the record, under each language."""

from django.urls import path, re_path

from initiatives.views import (
    comparison,
    data,
    downloads,
    editions,
    fact_sheets,
    initiatives,
    maps,
    meetings,
    organizations,
    pillars,
    places,
    standards,
    timelines,
)

urlpatterns = [
    path("initiatives/", initiatives.initiative_list, name="initiatives"),
    path("initiatives/<slug:key>/", initiatives.initiative, name="initiative"),
    path("initiatives/<slug:key>/editions/", editions.editions, name="editions"),
    path("initiatives/<slug:key>/editions/<int:number>/", editions.edition, name="edition"),
    path("initiatives/<slug:key>/editions/<int:number>/content.json", initiatives.content, name="edition_content"),
    re_path(r"^initiatives/(?P<key>[-\w]+)/cite\.(?P<form>bib|ris)$", editions.citation, name="citation"),
    re_path(
        r"^initiatives/(?P<key>[-\w]+)/editions/(?P<number>[0-9]{1,9})/cite\.(?P<form>bib|ris)$",
        editions.edition_citation,
        name="edition_citation",
    ),
    re_path(
        r"^(?P<name>initiatives|facts|date-changes|readings|participation)\.(?P<form>csv|xlsx|json)$",
        downloads.table,
        name="table",
    ),
    path("initiatives.geojson", downloads.geojson, name="geojson"),
    path("initiatives.ics", downloads.calendar, name="initiatives_calendar"),
    path("initiatives.atom", downloads.atom, name="atom"),
    path("data/", data.data, name="data"),
    path("data/package.zip", data.package, name="package"),
    path("data/iati.xml", standards.activities, name="iati"),
    path("data/oc4ids.json", standards.projects, name="oc4ids"),
    path("calendar.ics", downloads.calendar, {"meetings": True}, name="calendar_file"),
    path("map/", maps.places_map, name="map"),
    path("timeline/", timelines.timeline, name="timeline"),
    path("calendar/", timelines.calendar, name="calendar"),
    path("compare/", comparison.compare, name="compare"),
    path("organizations/", organizations.every_organization, name="organizations"),
    path("organizations/<slug:key>/", organizations.organization, name="organization"),
    path("places/", places.every_place, name="places"),
    path("places/<slug:key>/", places.place, name="place"),
    path("meetings/", meetings.meeting_list, name="meetings"),
    path("meetings/<slug:key>/", meetings.meeting, name="meeting"),
    path("meetings/<slug:key>/fact-sheet/", fact_sheets.fact_sheet, name="fact_sheet"),
    re_path(
        r"^meetings/(?P<key>[-\w]+)/fact-sheet\.(?P<form>docx|pdf|md)$",
        fact_sheets.fact_sheet_file,
        name="fact_sheet_file",
    ),
    path("cycles/<slug:cycle>/pillars/<int:number>/", pillars.pillar, name="pillar"),
    path("pillars/<int:number>/", pillars.newest_pillar, name="newest_pillar"),
]
