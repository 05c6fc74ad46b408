"""The only module that freezes consultations, for approval by both delegations or from a joint document.

Closing early and extending are versions of their own, proposed and approved as the first one was.
"""

import json
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _t

from hled_portal.i18n.bilingual import LANGUAGES, in_language
from hled_portal.models import StepAction
from hled_portal.publishing import clearance
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.published_querysets import NEWEST_FIRST
from hled_portal.publishing.signed_text import OPEN, Basis, State
from initiatives.content.diff import Change, ChangedPart, diff_sequences, diff_texts, diff_values
from initiatives.editions.proposal_validation import text_refusals
from initiatives.models import Meeting, Pillar
from stakeholders.models import Consultation, ConsultationEdition

from . import access

CONSULTATION_SCHEMA = 1


@cache
def _validator():
    import jsonschema_rs

    path = Path(__file__).parents[1] / "schema" / f"consultation-{CONSULTATION_SCHEMA}.json"
    return jsonschema_rs.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def freeze_consultation(row: Consultation) -> str:
    """The canonical content of a consultation, with the names of its areas."""
    data = {
        "schema_version": CONSULTATION_SCHEMA,
        "kind": "consultation",
        "key": row.key,
        **{name: getattr(row, name).strip() for name in ("title_en", "title_es", "text_en", "text_es")},
        "opens": row.opens.isoformat(),
        "closes": row.closes.isoformat() if row.closes else "",
        "meeting": row.meeting.key if row.meeting else "",
        "pillars": sorted(pillar.key for pillar in row.pillars.all()),
        "areas": [{"key": area.key, "name_en": area.name_en, "name_es": area.name_es} for area in row.areas.all()],
    }
    return canonical(data)


def consultation_editions(row: Consultation):
    return ConsultationEdition.objects.filter(consultation_key=row.key)


def open_consultation_proposal(row: Consultation) -> ConsultationEdition | None:
    return consultation_editions(row).filter(state__in=OPEN).first()


def published_consultation(row: Consultation) -> ConsultationEdition | None:
    return consultation_editions(row).filter(state=State.PUBLISHED).first()


def consultation_refusals(row: Consultation, author) -> list[str]:
    """Why this author cannot propose the consultation, naming each field."""
    if not (access.can_triage(author) and author.has_perm("stakeholders.propose_consultationedition")):
        return [_t("You do not have permission to propose this consultation.")]
    content = digest(freeze_consultation(row))
    waiting, public = open_consultation_proposal(row), published_consultation(row)
    checks = [
        (waiting and waiting.digest == content, _t("This consultation is already awaiting approval without changes.")),
        (public and public.digest == content, _t("This consultation has not changed since it was published.")),
    ]
    return [*_text_refusals(row), *(reason for failed, reason in checks if failed)]


def _text_refusals(row: Consultation, working_allowed: bool = False) -> list[str]:
    refusals = [refusal.message for refusal in text_refusals(row, working_allowed)]
    for area in row.areas.all():
        for refusal in text_refusals(area, working_allowed):
            refusals.append(f"{area}: {refusal.message}")
    return refusals


def propose_consultation(row: Consultation, author, reason: str = "", seen: str | None = None) -> ConsultationEdition:
    """Freeze a consultation for both approvals; an open proposal of it is replaced. Raises Refused.

    With `seen`, the digest of what the author read, only that is proposed.
    """
    with transaction.atomic():
        row = Consultation.objects.select_for_update(of=("self",)).get(pk=row.pk)
        reasons, content = consultation_refusals(row, author), freeze_consultation(row)
        if seen is not None and seen != digest(content):
            reasons.insert(0, _t("The consultation changed after you opened this page. Read it again."))
        if reasons:
            raise Refused(reasons)
        waiting = open_consultation_proposal(row)
        if waiting is not None:
            clearance.replace(waiting, author, reason)
        made = _create(content, author=author)
        clearance.note(made, StepAction.PROPOSED, author)
        return made


def _create(content: str, **columns) -> ConsultationEdition:
    data = json.loads(content)
    _validator().validate(data)
    return ConsultationEdition.objects.create(
        consultation_key=data["key"], content=content, digest=digest(content), **columns
    )


def freeze_joint_text_consultation(row: Consultation, source_key: str) -> ConsultationEdition | None:
    """Freeze a consultation that a joint document announced, for `clearance.release_joint_text`.

    None where one was published already: what both delegations approved or withdrew stays. Raises Refused.
    """
    if consultation_editions(row).filter(number__isnull=False).order_by(*NEWEST_FIRST).exists():
        return None
    if reasons := _text_refusals(row, working_allowed=True):
        raise Refused(reasons)
    return _create(freeze_consultation(row), basis=Basis.JOINT_TEXT, source_key=source_key)


# Reading


def consultation_parts(old: dict | None, new: dict) -> list[ChangedPart]:
    """The changed fields of a consultation against the version before it; all of it where there is none."""
    before = old or dict.fromkeys(new, "") | {"pillars": [], "areas": []}
    changes = []
    for name, label in (("title", _t("title")), ("text", _t("questions asked"))):
        for language in LANGUAGES:
            column = f"{name}_{language}"
            if before[column] != new[column]:
                changes.append(Change(label, "words", diff_texts(before[column], new[column]), language, name))
    for name, label in (("opens", _t("first day")), ("closes", _t("last day"))):
        if before[name] != new[name]:
            changes.append(Change(label, "value", diff_values(_day(before[name]), _day(new[name])), name=name))
    titles = _titles([before, new])
    lists = (
        ("meeting", _t("meeting it contributes to"), [before["meeting"]], [new["meeting"]]),
        ("pillars", _t("pillars"), before["pillars"], new["pillars"]),
    )
    for name, label, then, now in lists:
        if then != now:
            lines = ([titles.get(key, key) for key in keys if key] for keys in (then, now))
            changes.append(Change(label, "lines", diff_sequences(*lines), name=name))
    if before["areas"] != new["areas"]:
        lines = ([in_language(area, "name") for area in areas] for areas in (before["areas"], new["areas"]))
        changes.append(Change(_t("areas"), "lines", diff_sequences(*lines), name="areas"))
    return [ChangedPart("", "", "", "new" if old is None else "changed", changes)] if changes else []


def _day(text: str) -> str:
    return date_format(parse_date(text), "DATE_FORMAT") if text else ""


def _titles(contents: list[dict]) -> dict[str, str]:
    pillars = {key for data in contents for key in data["pillars"]}
    rows = [*Pillar.objects.filter(key__in=pillars), *Meeting.objects.filter(key__in=[c["meeting"] for c in contents])]
    return {row.key: str(row) for row in rows}
