"""Editions and their index in the staff site: to be read, approved and released."""

import copy

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hled_portal.admin.input_hardening import FilledValuesFilter, ReadOnlyAdmin
from hled_portal.admin.signed_text_admin import SignedAdmin
from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.editions import previews, proposal_review
from initiatives.models import Edition, Entry, Facet
from initiatives.visibility import visible_sides


@admin.register(Edition)
class EditionAdmin(SignedAdmin):
    list_filter = ("state", "subject_kind", "basis", ("pillar_key", FilledValuesFilter))
    search_fields = ("subject_key", "title_en", "title_es", "digest")
    queue_filters = {"kind": _("type"), "pillar": _("pillar"), **SignedAdmin.queue_filters}

    def get_urls(self):
        view = self.admin_site.admin_view(self.preview_view)
        name = "initiatives_edition_preview"
        return [path("<str:object_id>/preview/<slug:language>/", view, name=name), *super().get_urls()]

    def queue_facets(self):
        """Kind, pillar and release of a text. One query, for the names of the pillars."""
        of_release = super().queue_facets()
        pillars = {
            pillar.subject_key: pillar for pillar in Edition.objects.published().of_kind("pillar").defer("content")
        }

        def facets(text):
            key = text.data.get("pillar") or (text.subject_key if text.subject_kind == "pillar" else "")
            name = f"{key}: {pillars[key].title}" if key in pillars else key
            return {
                "kind": (text.subject_kind, text.get_subject_kind_display()),
                "pillar": (key, name),
                **of_release(text),
            }

        return facets

    def compared(self, texts, user):
        return proposal_review.compared(texts, user.delegation) if texts else {}

    def earlier_refusals(self, text):
        return proposal_review.earlier_comments(text)

    def propose_address(self, request, text):
        if not request.user.has_perm("initiatives.propose_edition"):
            return ""
        row = proposal_review.working_row(text)
        return reverse(f"admin:initiatives_{text.subject_kind}_propose", args=[row.pk]) if row else ""

    # The page as readers would see it

    def previews(self, text):
        """Of what is not public: readers see the rest."""
        if text.number:
            return []
        return [
            (get_language_info(code)["name_local"].capitalize(), self._preview_address(text, code))
            for code in LANGUAGES
        ]

    def _preview_address(self, text, language: str) -> str:
        return reverse("admin:initiatives_edition_preview", args=[text.pk, language])

    def preview_view(self, request, object_id, language):
        return require_safe(self._preview)(request, object_id, language)

    def _preview(self, request, object_id, language):
        """For staff of the sides and their auditors; kept by no browser, found by no robot, and public by no means."""
        text = self.get_row(request, object_id)
        if language not in LANGUAGES or not visible_sides(request.user):
            raise PermissionDenied
        with override(language):
            shown = previews.build_preview(text)
            context = shown.context | {
                "page": shown.template,
                "text": text,
                "back": self.change_url(text),
                "others": [(code, name) for code, name in zip(LANGUAGES, self.previews(text), strict=False)],
            }
            html = render_to_string("initiatives/preview.html", context, as_a_reader(request, language, shown.path))
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
        return HttpResponse(html, headers=headers)


def as_a_reader(request, language: str, path: str):
    """The request at the public address of the page: its menu, its links and its language are those of readers."""
    public = copy.copy(request)
    public.path = public.path_info = f"/{language}/{path}"
    public.GET, public.META = QueryDict(), {**request.META, "QUERY_STRING": ""}
    as_of.from_request(public)
    return public


@admin.register(Facet)
class FacetAdmin(ReadOnlyAdmin):
    list_display = ("edition", "kind", "key", "role")
    list_filter = ("kind", ("role", FilledValuesFilter))
    list_select_related = ("edition",)
    search_fields = ("key", "edition__subject_key")
    fields = ("edition", "kind", "key", "role")


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("edition", "fact_key", "kind", "side", "action", "edtf", "modality", "ended")
    list_filter = ("kind", "side", "modality", "ended")
    list_select_related = ("edition",)
    search_fields = ("fact_key", "edition__subject_key", "object_en", "object_es")
