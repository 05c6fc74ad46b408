"""The only module that freezes answers to recommendations, for approval by both delegations or from a joint text.

An answer is joint, or each delegation gives its own where the governments differ; both kinds need both keys. Its links
name initiatives by their keys alone, and are public only where those initiatives are.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _t

from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.i18n.delegations import Side
from hled_portal.models import StepAction
from hled_portal.publishing import clearance
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.published_querysets import NEWEST_FIRST
from hled_portal.publishing.signed_text import OPEN, Basis, State
from initiatives.content.diff import Change, ChangedPart, TextChange, diff_sequences, diff_texts, diff_values
from initiatives.editions.proposal_validation import text_refusals as refusals_of_texts
from initiatives.models import Edition
from stakeholders.models import InitiativeLink, Recommendation, Response, ResponseDraft
from stakeholders.models.concerns import keys_with_concerns, open_concerns
from stakeholders.vocabulary import Outcome

from . import access, moves

SCHEMA_VERSION = 1
_FROZEN_ROWS = (
    Prefetch("recommendation__links", InitiativeLink.objects.select_related("initiative")),
    "initiatives",
)


@cache
def _validator():
    import jsonschema_rs

    path = Path(__file__).parents[1] / "schema" / f"response-{SCHEMA_VERSION}.json"
    return jsonschema_rs.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def freeze(draft: ResponseDraft) -> str:
    """The canonical content of the draft of an answer. Raises Refused where it is incomplete."""
    prefetch_related_objects([draft], *_FROZEN_ROWS)
    shaped = {link.initiative.key: link.shaped for link in draft.recommendation.links.all()}
    shaped |= dict.fromkeys((initiative.key for initiative in draft.initiatives.all()), True)
    data = {
        "schema_version": SCHEMA_VERSION,
        "kind": "response",
        "recommendation": draft.recommendation.key,
        "side": draft.side,
        "outcome": draft.outcome,
        "text_en": draft.text_en.strip(),
        "text_es": draft.text_es.strip(),
        "initiatives": [{"key": key, "shaped": is_shaped} for key, is_shaped in sorted(shaped.items())],
    }
    return canonical(data)


# Proposing


def open_proposal(draft: ResponseDraft) -> Response | None:
    return texts_of_draft(draft).filter(state__in=OPEN).first()


def published(draft: ResponseDraft) -> Response | None:
    return texts_of_draft(draft).filter(state=State.PUBLISHED).first()


def texts_of_draft(draft: ResponseDraft):
    """Every text of this side on this recommendation."""
    return Response.objects.filter(recommendation_key=draft.recommendation.key, side=draft.side)


def proposal_refusals(draft: ResponseDraft, author) -> list[str]:
    """Why this author cannot propose the draft, naming each field."""
    return _proposal_refusals(draft, author, digest(freeze(draft)), _current_responses([draft]))


def _proposal_refusals(draft: ResponseDraft, author, content_digest: str, current: list[Response]) -> list[str]:
    if not (access.writes_draft(author, draft) and author.has_perm("stakeholders.propose_response")):
        return [_t("You do not have permission to propose this response.")]
    return draft_text_refusals(draft) + _current_response_refusals(draft, content_digest, current)


def _current_responses(drafts: list[ResponseDraft]) -> list[Response]:
    """The open and the public responses of either kind to what these drafts respond to."""
    keys = {draft.recommendation.key for draft in drafts}
    rows = Response.objects.filter(recommendation_key__in=keys, state__in=(*OPEN, State.PUBLISHED))
    return list(rows.defer("content"))


def draft_text_refusals(draft: ResponseDraft, working_allowed: bool = False) -> list[str]:
    """What the text itself lacks: an outcome, a language, an agreed translation."""
    recommendation = draft.recommendation
    values = {"row": recommendation, "state": recommendation.get_state_display()}
    checks = [
        (not draft.outcome, _t("Choose an outcome.")),
        (
            recommendation.state in moves.PUT_ASIDE,
            _t("Status of %(row)s: %(state)s. It cannot receive a response.") % values,
        ),
    ]
    refusals = [reason for failed, reason in checks if failed]
    return refusals + [refusal.message for refusal in refusals_of_texts(draft, working_allowed)]


def _current_response_refusals(draft: ResponseDraft, content_digest: str, current: list[Response]) -> list[str]:
    """What is on its way or public already, and an answer of the other kind."""
    rows = [row for row in current if row.recommendation_key == draft.recommendation.key]
    same = [row for row in rows if row.side == draft.side and row.digest == content_digest]
    others = [row for row in rows if row.side != draft.side and Side.JOINT in (row.side, draft.side)]
    checks = [
        (
            any(row.state in OPEN for row in same),
            _t("This response is already awaiting approval without changes."),
        ),
        (
            any(row.state == State.PUBLISHED for row in same),
            _t("This response has not changed since it was published."),
        ),
        (
            others,
            _t("A response is either joint or separate for each delegation. Return or withdraw the other type first."),
        ),
    ]
    return [reason for failed, reason in checks if failed]


def propose(draft: ResponseDraft, author, reason: str = "", seen: str | None = None) -> Response:
    """Freeze an answer for both keys; an open proposal of it is replaced. Raises Refused, naming each field.

    With `seen`, the digest of what the author read, only that is proposed. Over what a sender raised it takes a reason.
    """
    with transaction.atomic():
        moves.locked(draft.recommendation)
        draft = ResponseDraft.objects.select_related("recommendation").get(pk=draft.pk)
        changed = []
        if seen is not None and seen != digest(freeze(draft)):
            changed = [_t("The response changed after you opened this page. Read it again before you propose it.")]
        return _propose_all([draft], author, reason, changed)[0]


def _propose_all(drafts: list[ResponseDraft], author, reason: str = "", refusals: Sequence[str] = ()) -> list[Response]:
    """Propose drafts of locked recommendations, or none of them. Raises Refused, with these refusals first."""
    prefetch_related_objects(drafts, *_FROZEN_ROWS)
    contents, current, reasons = [freeze(draft) for draft in drafts], _current_responses(drafts), list(refusals)
    for draft, content in zip(drafts, contents, strict=True):
        reasons += _proposal_refusals(draft, author, digest(content), current)
    keys = {draft.recommendation.key for draft in drafts}
    raised = keys_with_concerns(keys, author.delegation)
    if raised and not reasons and not reason.strip():
        concerns = [line for key in sorted(raised) for line in open_concerns(key, author.delegation).lines]
        reasons = [*concerns, _t("Explain why you continue.")] if concerns else []
    if reasons:
        raise Refused(reasons)
    sides = {draft.recommendation.key: draft.side for draft in drafts}
    for row in current:
        if row.state in OPEN and sides[row.recommendation_key] == row.side:
            clearance.replace(row, author, reason)
    made = Response.objects.bulk_create(_new_response(content, author=author) for content in contents)
    for is_raised in (False, True):
        texts = [text for text in made if (text.recommendation_key in raised) == is_raised]
        clearance.note_all(texts, StepAction.PROPOSED, author, reason.strip() if is_raised else "")
    received = [draft.recommendation for draft in drafts]
    moves.consider_all([row for row in received if moves.is_allowed(row, moves.MoveAction.CONSIDERED)], author)
    return made


def propose_for_many(recommendations: list[Recommendation], author, side: str, columns: dict) -> list[Response]:
    """Propose the same response to each of these, or to none; its translation counts as confirmed. Raises Refused.

    In as many queries as for one.
    """
    with transaction.atomic():
        recommendations = moves.locked_all(recommendations)
        existing = ResponseDraft.objects.filter(recommendation__in=recommendations, side=side)
        reasons = [
            _t("%(row)s already has a response or a draft response.") % {"row": draft.recommendation.label}
            for draft in existing.select_related("recommendation")
        ]
        if reasons or not recommendations:
            raise Refused(reasons or [_t("The selection has no recommendations that can receive a response.")])
        drafts = [ResponseDraft(recommendation=row, side=side, **columns) for row in recommendations]
        for draft in drafts:
            draft.agree_translation()
        return _propose_all(ResponseDraft.objects.bulk_create(drafts), author)


def _new_response(content: str, **columns) -> Response:
    """Not saved."""
    data = json.loads(content)
    _validator().validate(data)
    return Response(
        recommendation_key=data["recommendation"],
        side=data["side"],
        content=content,
        digest=digest(content),
        **columns,
    )


def freeze_joint_text_response(draft: ResponseDraft, source_key: str) -> Response | None:
    """Freeze an answer that a joint text gave, for `clearance.release_joint_text`; None where it is public so.

    Raises Refused.
    """
    content = freeze(draft)
    newest = texts_of_draft(draft).filter(number__isnull=False).order_by(*NEWEST_FIRST).first()
    if newest is not None and newest.digest == digest(content):
        return None
    reasons = draft_text_refusals(draft, working_allowed=True)
    if reasons:
        raise Refused(reasons)
    response = _new_response(content, basis=Basis.JOINT_TEXT, source_key=source_key)
    response.save()
    return response


# Reading


def response_recommendation(text: Response) -> Recommendation | None:
    return Recommendation.objects.filter(key=text.recommendation_key).first()


def parts(old: dict | None, new: dict, titles: dict[str, str]) -> list[ChangedPart]:
    """The changed fields of an answer against the one before it; all of it where there is none."""
    before = old or {"outcome": "", "initiatives": [], **{f"text_{language}": "" for language in LANGUAGES}}
    fields = [
        Change(_t("outcome"), "value", diff_values(outcome_label(before), outcome_label(new)), name="outcome"),
        *(_text_change(language, before, new) for language in LANGUAGES),
        Change(
            _t("initiatives"), "lines", diff_sequences(_links(before, titles), _links(new, titles)), name="initiatives"
        ),
    ]
    names = ("outcome", *(f"text_{language}" for language in LANGUAGES), "initiatives")
    changes = [change for name, change in zip(names, fields, strict=True) if before[name] != new[name]]
    return [ChangedPart("", "", "", "new" if old is None else "changed", changes)] if changes else []


def _text_change(language: str, old: dict, new: dict) -> Change:
    label = {"en": _t("text (English)"), "es": _t("text (Spanish)")}[language]
    before, now = old[f"text_{language}"], new[f"text_{language}"]
    pieces = diff_texts(before, now) if before else [TextChange("ins", now)]
    return Change(label, "words", pieces, language, "text")


def outcome_label(data: dict) -> str:
    """Empty where none is chosen."""
    return str(Outcome(data["outcome"]).label) if data["outcome"] else ""


def _links(data: dict, titles: dict[str, str]) -> list[str]:
    return [
        (_t("influenced: %(title)s") if link["shaped"] else _t("related to: %(title)s"))
        % {"title": titles.get(link["key"], link["key"])}
        for link in data["initiatives"]
    ]


def linked_titles(contents: list[dict]) -> dict[str, str]:
    """Titles of the public initiatives that these answers link. One query."""
    keys = {link["key"] for data in contents for link in data["initiatives"]}
    rows = Edition.objects.published().of_kind("initiative").filter(subject_key__in=keys).defer("content")
    return {row.subject_key: row.title for row in rows}
