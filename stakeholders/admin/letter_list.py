"""The list of submissions: what each row shows beside its columns, read once for the whole page."""

from django.contrib.admin.views.main import ChangeList
from django.db.models import Count

from stakeholders.models import Asking, Letter, Point


class LetterChangeList(ChangeList):
    """Four queries for first words, campaigns and likeness, however many rows there are."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = describe(list(self.result_list))


def describe(letters: list[Letter]) -> list[Letter]:
    """Each with `first_words`, `campaign_names` and `similar_count`, the other letters with its longest sentence."""
    points = Point.objects.filter(letter__in=letters).order_by("letter", "-order")
    words = dict(points.values_list("letter", "text"))
    grouped = Asking.objects.filter(letter__in=letters, recommendation__campaign__isnull=False)
    names = {}
    for asking in grouped.select_related("recommendation__campaign"):
        names.setdefault(asking.letter_id, []).append(asking.recommendation.campaign.name)
    fingerprints = {letter.text_fingerprint for letter in letters} - {""}
    alike = Letter.objects.filter(text_fingerprint__in=fingerprints).order_by().values_list("text_fingerprint")
    counts = dict(alike.annotate(n=Count("pk")))
    for letter in letters:
        letter.first_words = words.get(letter.pk, "")
        letter.campaign_names = sorted(set(names.get(letter.pk, ())))
        letter.similar_count = counts.get(letter.text_fingerprint, 1) - 1
    return letters
