"""The words of recommendations as stems, to find those that are nearly the same without reading all of them."""

from django.db import models

from .triage import Recommendation


class RecommendationWord(models.Model):
    """A stem of the words of a recommendation. An index, made by `triage/similarity.py`."""

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="words")
    stem = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recommendation", "stem"], name="recommendation_word_once")]
        indexes = [models.Index(fields=["stem"], name="recommendation_word")]

    def __str__(self):
        return self.stem
