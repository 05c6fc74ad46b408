"""Signed answers: to be read, approved, returned and released, as editions are."""

from dataclasses import replace

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.signed_text_admin import SignedAdmin
from hled_portal.i18n.bilingual import active_language
from hled_portal.i18n.delegations import Side
from hled_portal.models import Step, StepAction
from initiatives.content.diff import Change, ChangedPart, TextChange
from stakeholders.models import PublishedRecommendation, Recommendation, Response, ResponseDraft
from stakeholders.triage import access, responses

from .base import ComparedText, compare_text


@admin.register(Response)
class ResponseAdmin(SignedAdmin):
    list_filter = ("state", "side", "outcome", "basis")
    search_fields = ("recommendation_key", "words_en", "words_es", "digest")
    queue_filters = {"side": _("responding delegation"), **SignedAdmin.queue_filters}

    def queue_facets(self):
        of_release = super().queue_facets()
        return lambda text: {"side": (text.side, str(Side(text.side).label)), **of_release(text)}

    def compared(self, texts, user):
        """What each answer says otherwise, after what it answers. Four queries, however many texts."""
        keys = {text.recommendation_key for text in texts}
        others = list(Response.objects.filter(recommendation_key__in=keys).order_by("-pk"))
        titles = responses.linked_titles([text.data for text in (*texts, *others)])
        recommendations = _answered_recommendations(keys, user)
        return {text.pk: _compared(text, others, titles, recommendations, user.delegation) for text in texts}

    def earlier_refusals(self, text):
        rows = Step.objects.filter(
            table=text._meta.label_lower,
            name=text.name,
            text_pk__lt=text.pk,
            action__in=[StepAction.RETURNED, StepAction.REPLACED],
        )
        return [step for step in rows.select_related("by").order_by("pk") if step.comment]

    def propose_address(self, request, text):
        draft = ResponseDraft.objects.filter(recommendation__key=text.recommendation_key, side=text.side).first()
        if draft is None or not access.writes_draft(request.user, draft):
            return ""
        return reverse("admin:stakeholders_responsedraft_propose", args=[draft.pk])

    def preview_context(self, request, text):
        """With the recommendation, as far as the reader may see it."""
        return {
            "asked": _answered_recommendations({text.recommendation_key}, request.user).get(text.recommendation_key)
        }


def _compared(text, others, titles, recommendations, delegation) -> ComparedText:
    same = [each for each in others if each.name == text.name and each.pk < text.pk]
    compared = compare_text(text, same, delegation, lambda old, new: responses.parts(old, new, titles))
    answered = recommendations.get(text.recommendation_key)
    return replace(compared, parts=[*([_part(answered)] if answered else []), *compared.parts])


def _answered_recommendations(keys: set[str], user) -> dict[str, Recommendation | PublishedRecommendation]:
    """What each answers: of what is public for everybody, else the summary for clearing officers.

    The words of a letter that is not public are for those who read letters.
    """
    public = PublishedRecommendation.objects.public(timezone.now()).filter(key__in=keys)
    by_key = {row.key: row for row in public}
    for row in public:
        row.text, row.language = row.words, row.words_language
    if access.can_read_letters(user) or (user.delegation and user.has_perm("stakeholders.clear_response")):
        by_key |= {row.key: row for row in Recommendation.objects.filter(key__in=keys - set(by_key))}
        if not access.can_read_letters(user):
            for row in by_key.values():
                row.text = row.text if isinstance(row, PublishedRecommendation) else ""
    return by_key


def _part(answered) -> ChangedPart:
    changes = (
        [Change(_t("summary"), "value", [TextChange("", answered.summary)], active_language())]
        if answered.summary
        else []
    )
    if answered.text:
        changes.append(Change(_t("author's words"), "value", [TextChange("", answered.text)], answered.language))
    return ChangedPart(_t("recommendation"), answered.key, answered.key, "changed", changes)
