"""How a recommendation becomes public: by the consent of its sender, in its words, under a summary that both clear.

An officer of each delegation clears the very same words and summaries, by their digest. A letter's consent is asked
again whenever somebody reads (`querysets.py`).
"""

from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.i18n.delegations import Delegation
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.releasing import public_change
from stakeholders.models import Asking, PublishedRecommendation, Recommendation
from stakeholders.models.concerns import open_concerns
from stakeholders.models.querysets import CONSENTED
from stakeholders.vocabulary import MoveAction

from . import edit_conflicts, moves


def public_content(recommendation: Recommendation, asking: Asking) -> dict[str, str]:
    """What readers would get, and what is cleared."""
    return {
        "key": recommendation.key,
        "text": asking.text,
        "language": asking.language,
        "summary_en": recommendation.summary_en.strip(),
        "summary_es": recommendation.summary_es.strip(),
    }


def content_digest(content: dict[str, str]) -> str:
    return digest(canonical(content))


def quoted_asking(recommendation: Recommendation) -> Asking | None:
    """The letter whose words readers would read: the first whose sender lets them be published."""
    rows = recommendation.askings.filter(letter__consent__in=CONSENTED).exclude(letter__state__in=moves.PUT_ASIDE)
    return rows.select_related("letter").order_by("joined_at", "pk").first()


def publication_refusals(recommendation: Recommendation, asking: Asking | None) -> list[str]:
    """Why a recommendation cannot be published as it is."""
    values = {"row": recommendation, "state": recommendation.get_state_display()}
    checks = [
        (asking is None, _t("It cannot be published because no sender has given consent.")),
        (recommendation.state in moves.PUT_ASIDE, _t("Status of %(row)s: %(state)s.") % values),
        (not recommendation.summary_en.strip(), _t("The summary in English is missing.")),
        (not recommendation.summary_es.strip(), _t("The summary in Spanish is missing.")),
    ]
    return [reason for failed, reason in checks if failed]


def clear(recommendation: Recommendation, user, seen: str, word: str = "") -> PublishedRecommendation:
    """Clear words and summaries for the user's delegation; public once the other clears the same. Raises Refused.

    Over what a sender raised it takes a word, which the log keeps. Whatever is changed afterwards stays as readers have
    it, until both have cleared it anew.
    """
    with public_change():
        moves.check_triage_permission(user)
        recommendation = moves.locked(recommendation)
        asking = quoted_asking(recommendation)
        reasons = publication_refusals(recommendation, asking)
        content = public_content(recommendation, asking) if asking else {}
        present = content_digest(content)
        if not reasons and seen != present:
            reasons.append(_t("The text or the summaries changed after you opened this page. Read them again."))
        concerns = open_concerns(recommendation.key, user.delegation)
        if not reasons and concerns and not word.strip():
            reasons = [*concerns.lines, _t("Explain why you continue.")]
        if reasons:
            raise Refused(reasons)
        row = PublishedRecommendation.objects.filter(recommendation=recommendation).first()
        row = row or PublishedRecommendation(recommendation=recommendation)
        if user.delegation in cleared_by(row, present):
            raise Refused([_t("Your delegation has already approved this.")])
        other = row.pending_officer if row.pending_digest == present else None
        row.pending_digest, row.pending_officer = ("", None) if other else (present, user)
        if other or row.published_at is None:
            _take_over(row, recommendation, asking, content)
        for officer in (other, user) if other else ():
            setattr(row, f"{officer.delegation.lower()}_officer", officer)
            setattr(row, f"{officer.delegation.lower()}_digest", present)
        row.published_at = row.published_at or (timezone.now() if other else None)
        row.save()
        kept = word.strip() if concerns else ""
        moves.log_move(recommendation, MoveAction.CLEARED, user, detail=present[:12], reason=kept)
        if other:
            moves.log_move(recommendation, MoveAction.PUBLISHED, user, detail=present[:12])
        return row


def is_last_approval(recommendation: Recommendation, user) -> bool:
    """Whether the approval of this user would publish it at once: the other delegation approved just this."""
    asking = quoted_asking(recommendation)
    row = PublishedRecommendation.objects.filter(recommendation=recommendation).first()
    if asking is None or row is None:
        return False
    approved = cleared_by(row, content_digest(public_content(recommendation, asking)))
    return bool(approved) and user.delegation not in approved


def _take_over(row: PublishedRecommendation, recommendation: Recommendation, asking: Asking, content: dict) -> None:
    """Write what was cleared, and the present pillar, area and dates of the recommendation."""
    for name, value in content.items():
        setattr(row, name, value)
    row.asking, row.sector, row.country = asking, asking.letter.sector, asking.letter.country
    for name in ("pillar", "area", "consultation"):
        related = getattr(recommendation, name)
        setattr(row, f"{name}_key", related.key if related else "")
    row.received_on, row.answer_due = recommendation.received_on, recommendation.answer_due


def unpublish(recommendation: Recommendation, user, reason: str, version: str | None = None) -> None:
    """Take a recommendation off the public pages; one delegation alone does it. Raises Refused."""
    with public_change():
        moves.check_triage_permission(user)
        recommendation = moves.locked(recommendation)
        steps = (MoveAction.CLEARED, MoveAction.PUBLISHED, MoveAction.UNPUBLISHED)
        edit_conflicts.refuse_stale(recommendation, user, version, *steps)
        row = PublishedRecommendation.objects.filter(recommendation=recommendation).first()
        if row is None:
            raise Refused([_t("It is neither published nor proposed for publication.")])
        if not reason.strip():
            raise Refused([_t("Explain why it is being removed from the public pages.")])
        take_off(row)
        moves.note_removal(recommendation, MoveAction.UNPUBLISHED)
        moves.log_move(recommendation, MoveAction.UNPUBLISHED, user, reason=reason.strip())


def take_off(row: PublishedRecommendation) -> None:
    row.published_at = row.us_officer = row.mx_officer = row.pending_officer = None
    row.us_digest = row.mx_digest = row.pending_digest = ""
    row.save()


def cleared_by(row: PublishedRecommendation | None, present: str) -> list[str]:
    """The delegations that cleared just this."""
    if row is None:
        return []
    if row.pending_digest == present and row.pending_officer:
        return [row.pending_officer.delegation]
    return [side for side in Delegation.values if getattr(row, f"{side.lower()}_digest") == present]
