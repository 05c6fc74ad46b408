"""Editions and their index at the desk: to be read, keyed and released."""

from django.contrib import admin

from hled_portal.admin.safe import ReadOnlyAdmin
from hled_portal.admin.signed import SignedAdmin

from ..models import Edition, Entry, Facet


@admin.register(Edition)
class EditionAdmin(SignedAdmin):
    list_filter = ("state", "subject_kind", "basis", "pillar_key")
    search_fields = ("subject_key", "title_en", "title_es", "digest")


@admin.register(Facet)
class FacetAdmin(ReadOnlyAdmin):
    list_display = ("edition", "kind", "key", "role")
    list_filter = ("kind", "role")
    list_select_related = ("edition",)
    search_fields = ("key", "edition__subject_key")
    fields = ("edition", "kind", "key", "role")


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("edition", "fact_key", "kind", "side", "action", "edtf", "modality", "ended")
    list_filter = ("kind", "side", "modality", "ended")
    list_select_related = ("edition",)
    search_fields = ("fact_key", "edition__subject_key", "object_en", "object_es")
