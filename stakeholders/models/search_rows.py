"""What search finds of recommendations and answers: rows of stemmed words, made when a text becomes public."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import LANGUAGES, in_language
from hled_portal.search import fulltext
from hled_portal.search.fulltext import Where


class RecommendationRow(fulltext.Searchable):
    """Words of one public recommendation, or of one released answer, in one language."""

    recommendation = models.ForeignKey(
        "stakeholders.PublishedRecommendation", models.CASCADE, null=True, related_name="search_rows"
    )
    response = models.ForeignKey("stakeholders.Response", models.CASCADE, null=True, related_name="search_rows")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recommendation__isnull=False, response__isnull=True)
                | Q(recommendation__isnull=True, response__isnull=False),
                name="recommendation_row_of_one",
                violation_error_message=_("A search entry must belong to a recommendation or a response."),
            ),
        ]

    def __str__(self):
        return f"{self.recommendation_id or self.response_id}/{self.language}"


def index_recommendation(row) -> None:
    """Make the rows of a published recommendation anew; none where it is not public."""
    row.search_rows.all().delete()
    if row.published_at is None or row.restricted_at is not None:
        return
    rows = []
    for language in LANGUAGES:
        summary = in_language(vars(row), "summary", language)
        own = [row.text] if row.language == language else []
        parts = {Where.SUMMARY: [summary], Where.STATEMENT: own, Where.WHOLE: [summary, *own] if own else []}
        rows += [
            RecommendationRow(recommendation=row, where=where, **fulltext.index_columns(texts, language))
            for where, texts in parts.items()
            if texts
        ]
    RecommendationRow.objects.bulk_create(rows)


def index_answer(row) -> None:
    """Make the rows of a released answer anew; none of one that was withdrawn."""
    row.search_rows.all().delete()
    if row.number is None or row.state == "withdrawn":
        return
    RecommendationRow.objects.bulk_create(
        RecommendationRow(
            response=row,
            where=Where.STATEMENT,
            **fulltext.index_columns([in_language(vars(row), "words", language)], language),
        )
        for language in LANGUAGES
    )
