"""Remarks on fields of a proposal: left by one delegation, answered by whoever knows, closed by who left them.

They bind nobody: open ones are shown before a text is approved, also when they were left on an earlier proposal of the
same subject.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.models import Remark, StepAction

from .clearance import Refused, note
from .preview_links import works_on
from .signed_text import OPEN, Signed


def remarks_on(text: Signed) -> list[Remark]:
    """Those of the text, and open ones of earlier proposals of its subject; the open ones first. One query."""
    rows = Remark.objects.filter(table=text._meta.label_lower, name=text.name, text_pk__lte=text.pk)
    rows = rows.select_related("author", "answered_by", "closed_by").order_by("pk")
    shown = [row for row in rows if row.text_pk == text.pk or row.is_open]
    return sorted(shown, key=lambda row: (not row.is_open, row.pk))


def open_remarks(texts: list[Signed]) -> dict[str, list[Remark]]:
    """The open remarks by the name of the subject, for texts of one table. One query."""
    by_name: dict[str, list[Remark]] = {}
    tables, names = {text._meta.label_lower for text in texts}, {text.name for text in texts}
    rows = Remark.objects.filter(table__in=tables, name__in=names, closed_at=None)
    for row in rows.select_related("author").order_by("pk"):
        by_name.setdefault(row.name, []).append(row)
    return by_name


def remark_refusals(text: Signed, user) -> list[str]:
    """Why this person cannot leave or answer remarks on the text."""
    if not works_on(text, user):
        return [_t("You do not have permission to leave remarks on this text.")]
    return [] if text.state in OPEN else [_t("Remarks are left on proposals that are not published yet.")]


def leave_remark(text: Signed, user, field: str, words: str) -> Remark:
    """`field` is a part of the text as its page names them, empty for the whole text. Raises Refused."""
    _refuse_without_words(text, user, words)
    with transaction.atomic():
        remark = Remark.objects.create(
            table=text._meta.label_lower,
            text_pk=text.pk,
            name=text.name,
            field=field[:200],
            words=words.strip(),
            author=user,
            delegation=user.delegation,
        )
        note(text, StepAction.REMARKED, user, remark.words)
        return remark


def answer_remark(text: Signed, remark_pk: int, user, words: str) -> None:
    """Raises Refused."""
    _refuse_without_words(text, user, words)
    with transaction.atomic():
        remark = _open_remark(text, remark_pk)
        remark.answer, remark.answered_by, remark.answered_at = words.strip(), user, timezone.now()
        remark.save(update_fields=["answer", "answered_by", "answered_at"])
        note(text, StepAction.ANSWERED, user, remark.answer)


def close_remark(text: Signed, remark_pk: int, user) -> None:
    """By the delegation that left it. Raises Refused."""
    reasons = remark_refusals(text, user)
    with transaction.atomic():
        remark = _open_remark(text, remark_pk)
        if remark.delegation != user.delegation:
            reasons.append(_t("A remark is closed by the delegation that left it."))
        if reasons:
            raise Refused(reasons)
        remark.closed_by, remark.closed_at = user, timezone.now()
        remark.save(update_fields=["closed_by", "closed_at"])
        note(text, StepAction.SETTLED, user, remark.words)


def _refuse_without_words(text: Signed, user, words: str) -> None:
    reasons = remark_refusals(text, user)
    if not words.strip():
        reasons.append(_t("Enter the remark or the reply."))
    if reasons:
        raise Refused(reasons)


def _open_remark(text: Signed, pk: int) -> Remark:
    rows = Remark.objects.select_for_update(of=("self",)).filter(table=text._meta.label_lower, name=text.name)
    remark = rows.filter(pk=pk, closed_at=None).first()
    if remark is None:
        raise Refused([_t("This remark is already closed.")])
    return remark
