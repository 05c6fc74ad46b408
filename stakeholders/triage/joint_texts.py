"""What joint texts say of recommendations, in files of a review: areas, a consultation, recommendations and answers.

Such a recommendation came by no letter and was cleared by nobody: it names the text that mentions it, and its pages say
that its words are this portal's. Loaded by `load_dialogue` alone.
"""

import datetime
from collections import defaultdict

from django.utils import timezone

from hled_portal.dates.timezones import ZONES
from hled_portal.i18n.delegations import Delegation
from hled_portal.publishing.releasing import release_joint_text
from hled_portal.publishing.signed_text import Signed
from initiatives.editions import joint_texts
from initiatives.imports.resources import TEXT_STATE, RecordResource
from initiatives.models import Source
from stakeholders import models as desk
from stakeholders.vocabulary import CaseState, MoveAction

from . import consultations, moves, responses, similarity


class AreaResource(RecordResource):
    class Meta:
        model = desk.Area
        fields = ("key", "name_en", "name_es", "order", "source_key", *TEXT_STATE)


class ConsultationResource(RecordResource):
    class Meta:
        model = desk.Consultation
        fields = ("key", "title_en", "title_es", "text_en", "text_es", "opens", "closes", "meeting", "pillars", "areas")
        fields += TEXT_STATE


class RecommendationResource(RecordResource):
    class Meta:
        model = desk.Recommendation
        fields = ("key", "consultation", "pillar", "area", "text", "language", "summary_en", "summary_es")
        fields += ("received_on", "source_key", *TEXT_STATE)


class LinkResource(RecordResource):
    natural_key = ("recommendation", "initiative")

    class Meta:
        model = desk.InitiativeLink
        fields = ("recommendation", "initiative", "shaped")


class ResponseResource(RecordResource):
    natural_key = ("recommendation", "side")

    class Meta:
        model = desk.ResponseDraft
        fields = ("recommendation", "side", "outcome", "text_en", "text_es", *TEXT_STATE)


FILES = {
    "areas": AreaResource,
    "consultations": ConsultationResource,
    "recommendations": RecommendationResource,
    "recommendation_links": LinkResource,
    "responses": ResponseResource,
}


def publish(source: Source) -> list[Signed]:
    """Make public what was loaded with a joint text: its calls for input, and what earlier texts call answered.

    For commands only. Raises Refused.
    """
    announced = desk.Consultation.objects.filter(areas__source_key=source.key).distinct()
    made = (consultations.freeze_joint_text_consultation(row, source.key) for row in announced)
    texts = [text for text in made if text is not None]
    if texts:
        release_joint_text(texts, source.date_latest)
    return texts + [text for each in _sources_until(source.date_latest) for text in _publish(each)]


def _noon(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(12), ZONES[Delegation.MX])


def _sources_until(day: datetime.date) -> list[Source]:
    """The texts up to that day that recommendations name, the oldest first."""
    keys = desk.Recommendation.objects.exclude(source_key="").values("source_key")
    return list(Source.objects.filter(key__in=keys, date_latest__lte=day).order_by("date_latest", "key"))


def _publish(source: Source) -> list[Signed]:
    rows = desk.Recommendation.objects.filter(source_key=source.key).select_related("pillar", "area", "consultation")
    drafts: dict[int, list[desk.ResponseDraft]] = defaultdict(list)
    for draft in desk.ResponseDraft.objects.filter(recommendation__in=rows).select_related("recommendation"):
        drafts[draft.recommendation_id].append(draft)
    texts = []
    for row in rows:
        if not desk.PublishedRecommendation.objects.filter(recommendation=row).exists():
            _publish_recommendation(row, source)
        made = (responses.freeze_joint_text_response(draft, source.key) for draft in drafts[row.pk])
        texts += [text for text in made if text is not None]
    if not texts:
        return []
    texts += joint_texts.freeze_referenced_entries({("source", source.key)}, source.key, source.date_latest)
    release_joint_text(texts, source.date_latest)
    similarity.index(rows)
    return texts


def _publish_recommendation(row: desk.Recommendation, source: Source) -> None:
    desk.PublishedRecommendation.objects.create(
        recommendation=row,
        key=row.key,
        text=row.text,
        language=row.language,
        summary_en=row.summary_en,
        summary_es=row.summary_es,
        pillar_key=row.pillar.key if row.pillar else "",
        area_key=row.area.key if row.area else "",
        consultation_key=row.consultation.key if row.consultation else "",
        received_on=row.received_on,
        source_key=source.key,
        published_at=_noon(source.date_latest),
    )
    moves.log_move(row, MoveAction.RECEIVED, after=CaseState.RECEIVED, detail=source.key, at=_noon(source.date_latest))
    moves.log_move(row, MoveAction.PUBLISHED, detail=source.key, at=timezone.now())
