"""Editions in the staff site: to be read, approved and released."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.input_hardening import FilledValuesFilter
from hled_portal.admin.signed_text_admin import SignedAdmin
from initiatives.editions import proposal_review
from initiatives.models import Edition


@admin.register(Edition)
class EditionAdmin(SignedAdmin):
    list_filter = ("state", "subject_kind", "basis", ("pillar_key", FilledValuesFilter))
    search_fields = ("subject_key", "title_en", "title_es", "digest")
    queue_filters = {"kind": _("type"), "pillar": _("pillar"), **SignedAdmin.queue_filters}

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

    def source_title(self, text):
        if not text.source_key:
            return ""
        source = Edition.objects.published().of_kind("source").filter(subject_key=text.source_key).first()
        return source.title if source else text.source_key

    def propose_address(self, request, text):
        if not request.user.has_perm("initiatives.propose_edition"):
            return ""
        row = proposal_review.working_row(text)
        return reverse(f"admin:initiatives_{text.subject_kind}_propose", args=[row.pk]) if row else ""
