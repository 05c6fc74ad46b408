"""Organizations, places, topics and sources in the staff site."""

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from initiatives.models import Alias, Organization, OrganizationName, Place, Source, Succession, Topic

from .base import TRANSLATION, RecordAdmin, bilingual_column
from .inlines import TYPED_DATES, KeyedForm, LongPart, RecordInline
from .proposal_page import ProposableAdmin


class OrganizationForm(KeyedForm):
    """An organization whose key is made of the acronym or name of its first row of names."""

    def key_source(self) -> str:
        names = (f"names-0-{name}_{language}" for name in ("acronym", "name") for language in ("es", "en"))
        return next(filter(None, (self.data.get(name, "").strip() for name in names)), "")


class NameInline(LongPart):
    model = OrganizationName
    fields = (
        "order",
        ("name_en", "name_es"),
        ("article_en", "article_es"),
        ("acronym_en", "acronym_es"),
        ("since_edtf", "until_edtf"),
        ("original_language", "translation_state"),
    )


class AliasInline(RecordInline):
    model = Alias
    fields = ("text", "language")


class SuccessionInline(RecordInline):
    model = Succession
    fk_name = "predecessor"
    autocomplete_fields = ("successor",)


@admin.register(Organization)
class OrganizationAdmin(ProposableAdmin):
    form = OrganizationForm
    list_display = ("key", "present_name", "kind", "country", "ended_edtf", "replaced_by")
    list_filter = ("kind", "country")
    search_fields = (
        "key",
        "names__name_en",
        "names__name_es",
        "names__acronym_en",
        "names__acronym_es",
        "aliases__text",
    )
    fields = ("key", "kind", "country", "parent", ("ended_edtf", "ended_source"), "replaced_by")
    autocomplete_fields = ("parent", "ended_source", "replaced_by")
    inlines = (NameInline, AliasInline, SuccessionInline)

    @admin.display(description=_("current name"))
    def present_name(self, organization):
        return str(organization)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("names", "replaced_by__names")


@admin.register(OrganizationName)
class OrganizationNameAdmin(RecordAdmin):
    set_once = ("organization",)
    list_display = ("organization_key", "order", "name_en", "name_es", "acronym_en", "acronym_es", "until_edtf")
    list_select_related = ("organization",)
    search_fields = ("organization__key", "name_en", "name_es", "acronym_en", "acronym_es")
    autocomplete_fields = ("organization",)
    fields = ("organization", *NameInline.fields)

    @admin.display(description=_("organization"), ordering="organization__key")
    def organization_key(self, name):
        return name.organization.key


@admin.register(Succession)
class SuccessionAdmin(RecordAdmin):
    set_once = ()
    list_display = ("predecessor", "successor")
    search_fields = ("predecessor__key", "successor__key")
    autocomplete_fields = ("predecessor", "successor")
    fields = ("predecessor", "successor")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("predecessor__names", "successor__names")


@admin.register(Place)
class PlaceAdmin(ProposableAdmin):
    form = KeyedForm
    list_display = ("key", bilingual_column("name", _("name")), "kind", "country", "parent", "city", "replaced_by")
    list_filter = ("kind", "country")
    list_select_related = ("parent", "city", "replaced_by")
    search_fields = ("key", "name_en", "name_es", "aliases__text")
    autocomplete_fields = ("parent", "city", "replaced_by")
    inlines = (AliasInline,)
    fieldsets = (
        (None, {"fields": (("name_en", "name_es"), "kind", "country", ("parent", "city"))}),
        (_("Coordinates"), {"fields": (("latitude", "longitude"),)}),
        TRANSLATION,
        (_("More"), {"fields": ("key", "replaced_by"), "classes": ("collapse",)}),
    )


@admin.register(Topic)
class TopicAdmin(ProposableAdmin):
    form = KeyedForm
    list_display = ("key", bilingual_column("name", _("name")), "replaced_by")
    list_select_related = ("replaced_by",)
    search_fields = ("key", "name_en", "name_es")
    autocomplete_fields = ("replaced_by",)
    fieldsets = (
        (None, {"fields": (("name_en", "name_es"),)}),
        TRANSLATION,
        (_("More"), {"fields": ("key", "replaced_by"), "classes": ("collapse",)}),
    )


@admin.register(Source)
class SourceAdmin(ProposableAdmin):
    form = KeyedForm
    list_display = ("key", bilingual_column("name", _("name")), "kind", "language", "date_edtf", "meeting")
    list_filter = ("kind", "language")
    list_select_related = ("meeting",)
    search_fields = ("key", "name_en", "name_es", "address")
    autocomplete_fields = ("meeting", "replaced_by")
    formfield_overrides = TYPED_DATES | {models.URLField: {"assume_scheme": "https"}}
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name_en", "name_es"),
                    "kind",
                    ("issuer_en", "issuer_es"),
                    "language",
                    "address",
                    "in_part",
                    "meeting",
                )
            },
        ),
        (_("Date"), {"fields": ("date_edtf", ("date_wording_en", "date_wording_es"))}),
        TRANSLATION,
        (_("More"), {"fields": ("key", "replaced_by"), "classes": ("collapse",)}),
    )


@admin.register(Alias)
class AliasAdmin(RecordAdmin):
    set_once = ()
    list_display = ("text", "language", "organization", "place", "pillar")
    list_filter = ("language",)
    list_select_related = ("place", "pillar")
    search_fields = ("text",)
    autocomplete_fields = ("organization", "place", "pillar")
    fields = ("text", "language", "organization", "place", "pillar")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("organization__names")
