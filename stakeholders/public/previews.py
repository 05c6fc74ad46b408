"""Proposed responses and consultations as the public pages that they would become."""

from django.utils import timezone

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import active_language
from hled_portal.i18n.delegations import Side
from hled_portal.publishing.preview_pages import PreviewPage
from initiatives.record.pillars import Pillars
from stakeholders.models import ConsultationEdition, Response
from stakeholders.vocabulary import Outcome

from . import consultations, published


def preview_response(text: Response) -> PreviewPage:
    """With the recommendation where that is public."""
    at, data = as_of.now(), text.data
    asked = published.public_recommendations(at).filter(key=text.recommendation_key).first()
    linked = published.linked_initiatives({link["key"] for link in data["initiatives"]}, at)
    context = {
        "asked": {"summary": asked.summary, "text": asked.words, "language": asked.words_language} if asked else None,
        "words": data[f"text_{active_language()}"],
        "outcome": str(Outcome(data["outcome"]).label) if data["outcome"] else "",
        "side": Side(text.side).label,
        "links": [(key, each.title) for key, each in linked.items()],
    }
    return PreviewPage("stakeholders/answer_preview.html", f"recommendations/{text.recommendation_key}/", context)


def preview_consultation(text: ConsultationEdition) -> PreviewPage:
    at = as_of.now()
    call = consultations.Call(text, timezone.now())
    context = {
        "day": at.day,
        "call": call,
        "about": consultations.about(call, Pillars(at).labels),
        "meeting": consultations.meeting(call, at),
    }
    return PreviewPage("stakeholders/consultation.html", f"recommendations/consultations/{text.key}/", context)
