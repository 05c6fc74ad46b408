"""Published recommendations with their answers, as readers see them at a moment.

Names and words are joined from the letters' consent while one reads, and nothing here keeps them. An answer is shown
with a recommendation that is public, and never alone. What was public and is no more is `gone`.
"""

import datetime
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment, instant
from hled_portal.i18n.delegations import Delegation, Side
from hled_portal.publishing import prepared_queries
from hled_portal.search.fulltext import Where
from initiatives.models import Edition
from initiatives.record import edition_history, name_lookup
from stakeholders.models import Move, PublishedRecommendation, Response, ResponseLink
from stakeholders.vocabulary import CaseState, MoveAction

#: States of public recommendations; no other state is public.
PUBLIC_STATES = (CaseState.RECEIVED, CaseState.CONSIDERED, CaseState.ANSWERED)
#: Responses in the order in which they are shown.
RESPONSE_TITLES = {
    Side.JOINT: _("Response from both governments"),
    Side.MX: _("Response from the Government of Mexico"),
    Side.US: _("Response from the Government of the United States"),
}
SIDES = list(RESPONSE_TITLES)


#: Moves after which readers may no longer see a recommendation.
ENDS = (MoveAction.UNPUBLISHED, MoveAction.RESTRICTED, MoveAction.WITHDRAWN, MoveAction.SILENCED)
#: How many words of a summary replace a title.
TITLE_WORDS = 20


@dataclass(frozen=True)
class Linked:
    """An initiative that a public answer names, as its public edition of the moment has it."""

    key: str
    title: str
    stage: str
    stage_words: str
    last_reported: datetime.date | None = None
    shaped: bool = True


@dataclass(frozen=True)
class Answer:
    """One public answer, joint or of one delegation, with what it rests on."""

    response: Response
    keys: list[edition_history.PublishedApproval]
    released: datetime.date
    initiatives: list[Linked]

    @property
    def shaped(self) -> list[Linked]:
        """The initiatives that the recommendation shaped, as the governments say."""
        return [linked for linked in self.initiatives if linked.shaped]

    @property
    def concerned(self) -> list[Linked]:
        return [linked for linked in self.initiatives if not linked.shaped]

    @property
    def edition(self) -> Response:
        """The answer, as the parts of a page that tell of editions call it."""
        return self.response

    @property
    def whose(self) -> str:
        return RESPONSE_TITLES[self.response.side]

    @property
    def number(self) -> int:
        return self.response.number


@dataclass(frozen=True)
class PublicRecommendation:
    """A published recommendation and its answers; `markers` of answers that were withdrawn."""

    row: PublishedRecommendation
    day: datetime.date
    answers: list[Answer] = field(default_factory=list)
    markers: list[name_lookup.Marker] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.row.key

    @property
    def state(self) -> CaseState:
        return CaseState(self.row.public_state)

    @property
    def overdue(self) -> bool:
        """Whether the day by which an answer was due has passed without one."""
        due = self.row.answer_due
        return due is not None and due < self.day and not self.answers

    @property
    def age(self) -> int:
        """Days from its arrival to the first answer, or until the day of the page."""
        return ((self.row.answered_on or self.day) - self.row.received_on).days

    @property
    def silent(self) -> str:
        """The delegation whose answer is not public while that of the other is; empty where there is none such."""
        sides = {answer.response.side for answer in self.answers}
        missing = {side.value for side in Delegation} - sides
        return Delegation(missing.pop()).label if len(sides) == 1 and "joint" not in sides else ""

    @property
    def title(self) -> str:
        """What lists and titles of pages call it: the beginning of its summary."""
        return Truncator(self.row.summary or self.row.words).words(TITLE_WORDS)


@cache
def _shown():
    """Put together once: that takes longer than to read the rows."""
    return PublishedRecommendation.objects.shown()


def public_recommendations(at: Moment, now: datetime.datetime | None = None):
    """The recommendations that are public at a moment, each with `public_state`, `answered_on` and `call_key`.

    A prepared query gives the instant of the moment as `now`.
    """
    now = now or instant(at)
    answers = Response.objects.public(at).filter(recommendation_key=OuterRef("key"))
    known = Response.objects.known(at).filter(recommendation_key=OuterRef("key")).exclude(state="withdrawn")
    first = known.order_by("public_from").values("public_from")[:1]
    considered = PublishedRecommendation.objects.considered(now).filter(pk=OuterRef("pk"))
    state = Case(
        When(Exists(answers), then=Value(CaseState.ANSWERED.value)),
        When(Exists(considered), then=Value(CaseState.CONSIDERED.value)),
        default=Value(CaseState.RECEIVED.value),
    )
    return (
        _shown()
        .filter(published_at__lte=now)
        .with_call(at)
        .annotate(public_state=state, answered_on=Case(When(Exists(answers), then=Subquery(first)), default=None))
    )


@dataclass(frozen=True)
class Gone:
    """What stays of a recommendation that readers saw and see no more; none of its words."""

    key: str
    since: datetime.datetime
    until: datetime.datetime | None
    reason: str


def gone(key: str, at: Moment) -> Gone | None:
    """The marker of a recommendation that was public by a moment and is not any more."""
    row = PublishedRecommendation.objects.once_public(instant(at)).filter(key=key).first()
    if row is None or public_recommendations(as_of.now()).filter(key=key).exists():
        return None
    moves = Move.objects.filter(recommendation=row.recommendation_id).order_by("-pk")
    since = row.published_at or moves.filter(action=MoveAction.PUBLISHED).values_list("at", flat=True).first()
    ended = moves.filter(action__in=ENDS).values_list("at", flat=True).first()
    if row.restricted_at:
        return Gone(key, since, row.restricted_at, row.get_restriction_display())
    if row.published_at is None:
        return Gone(key, since, ended, _t("a delegation removed it from the public pages"))
    return Gone(key, since, ended, _t("its senders withdrew it or no longer agree to its publication"))


def searchable(rows: models.QuerySet, at: Moment, now: datetime.datetime) -> models.QuerySet:
    """Those rows of the search whose words readers of that moment read."""
    shown = public_recommendations(at, now)
    answers = Response.objects.public(at).filter(recommendation_key__in=shown.values("key"))
    return rows.filter(
        Q(recommendation__in=shown.filter(words_gone=False).values("pk"))
        | Q(recommendation__in=shown.values("pk"), where=Where.SUMMARY)
        | Q(response__in=answers.values("pk"))
    )


def overdue(day: datetime.date) -> Q:
    """Condition on rows of `public`: an answer was due before this day, and there is none."""
    return Q(answer_due__lt=day) & ~Q(public_state=CaseState.ANSWERED)


def answered(at: Moment, **columns) -> Exists:
    """Condition that a recommendation has a public answer with these columns."""
    return Exists(Response.objects.public(at).filter(recommendation_key=OuterRef("key"), **columns))


def with_responses(rows: Iterable[PublishedRecommendation], at: Moment) -> list[PublicRecommendation]:
    """The recommendations with their answers and the markers of withdrawn ones. Five queries at most."""
    rows = list(rows)
    if not rows:
        return []
    keys = [row.key for row in rows]
    answers = answers_to(keys, at)
    gone: dict[str, list[name_lookup.Marker]] = {}
    for marker in name_lookup.withdrawal_markers(prepared_queries.fetch(_withdrawn_answers, at=at, keys=keys)):
        gone.setdefault(marker.key.rpartition("/")[0], []).append(marker)
    return [PublicRecommendation(row, at.day, answers.get(row.key, []), gone.get(row.key, [])) for row in rows]


def _withdrawn_answers(at: Moment, keys):
    return Response.objects.withdrawn(at).filter(recommendation_key__in=keys)


def _answers(at: Moment, keys):
    return Response.objects.public(at).filter(recommendation_key__in=keys).select_related("release")


def answers_to(keys: Iterable[str], at: Moment) -> dict[str, list[Answer]]:
    """The public answers by recommendation. Three queries at most."""
    response_rows = prepared_queries.fetch(_answers, at=at, keys=list(keys))
    responses = sorted(response_rows, key=lambda row: SIDES.index(row.side))
    linked = _linked(responses, at)
    answers: dict[str, list[Answer]] = {}
    for row in responses:
        released = timezone.localdate(row.release.released_at)
        answers.setdefault(row.recommendation_key, []).append(
            Answer(row, edition_history.published_approvals(row), released, linked.get(row.pk, []))
        )
    return answers


def _linked(responses: list[Response], at: Moment) -> dict[int, list[Linked]]:
    """The initiatives that these answers name and that are public, by answer."""
    links = prepared_queries.fetch(_links, ids=json.dumps([row.pk for row in responses])) if responses else []
    initiatives = linked_initiatives({link.initiative_key for link in links}, at)
    linked: dict[int, list[Linked]] = {}
    for link in links:
        if link.initiative_key in initiatives:
            linked.setdefault(link.response_id, []).append(
                replace(initiatives[link.initiative_key], shaped=link.shaped)
            )
    return linked


def _links(ids):
    return ResponseLink.objects.filter(response__in=prepared_queries.among(ids)).order_by("initiative_key")


def linked_initiatives(keys: set[str], at: Moment) -> dict[str, Linked]:
    """Those of these initiatives that are public. One query, none for no keys."""
    rows = prepared_queries.fetch(_initiatives, at=at, keys=sorted(keys))
    return {
        row.subject_key: Linked(row.subject_key, row.title, row.stage, row.get_stage_display(), row.last_reported)
        for row in rows
    }


def _initiatives(at: Moment, keys):
    return Edition.objects.public(at).initiatives().filter(subject_key__in=keys).defer("content")


def naming(
    at: Moment, *, initiative: str = "", pillar: str = "", at_most: int | None = None
) -> list[PublicRecommendation]:
    """The recommendations whose public answers name an initiative, or that belong to a pillar.

    One query where there are none, seven at most.
    """
    by = {"initiative": initiative} if initiative else {"pillar": pillar}
    if not prepared_queries.fetch_raw(_any_naming, **by):  # Far less than to find out which are public.
        return []
    return with_responses(prepared_queries.fetch(_naming, at_most, at=at, now=instant(at), **by), at)


def _any_naming(initiative=None, pillar=None):
    links, recommendations = ResponseLink.objects, PublishedRecommendation.objects
    rows = recommendations.filter(pillar_key=pillar) if initiative is None else links.filter(initiative_key=initiative)
    return rows.order_by().values_list("pk")[:1]


def _naming(at_most: int | None, at: Moment, now, initiative=None, pillar=None):
    recommendations = public_recommendations(at, now)
    if initiative is not None:
        named = Response.objects.public(at).filter(links__initiative_key=initiative)
        recommendations = recommendations.filter(Exists(named.filter(recommendation_key=OuterRef("key"))))
    else:
        recommendations = recommendations.filter(pillar_key=pillar)
    return recommendations.order_by(F("answered_on").desc(nulls_last=True), "-received_on", "key")[:at_most]


def outcomes(at: Moment) -> dict[str, int]:
    """How many public recommendations have a public answer with each outcome. One query."""
    answers = (
        Response.objects.public(at).filter(recommendation_key__in=public_recommendations(at).values("key")).order_by()
    )
    pairs = set(answers.values_list("recommendation_key", "outcome"))
    return dict(Counter(outcome for _key, outcome in pairs))


def withdrawn(at: Moment) -> list[name_lookup.Marker]:
    """The markers of withdrawn answers to public recommendations. Two queries at most."""
    return name_lookup.withdrawal_markers(prepared_queries.fetch(_withdrawn_of_public, at=at, now=instant(at)))


def _withdrawn_of_public(at: Moment, now):
    public = public_recommendations(at, now)
    return Response.objects.withdrawn(at).filter(recommendation_key__in=public.values("key"))
