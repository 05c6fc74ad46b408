"""Which rows that officers write can be deleted: what was never published, awaits no approval and is not in use."""

from django.utils.translation import gettext as _t

from hled_portal.publishing.signed_text import OPEN, RELEASED
from initiatives.editions.deletion import list_deletion
from stakeholders.models import Area, Campaign, Consultation, PublishedRecommendation, ResponseDraft, Tag

from .consultations import consultation_editions
from .responses import texts_of_draft

Deletable = Area | Campaign | Consultation | ResponseDraft | Tag


def deletion_refusals(row: Deletable) -> list[str]:
    """Why the row stays."""
    frozen = _frozen_texts(row)
    if frozen is not None and frozen.filter(state__in=[*OPEN, *RELEASED]).exists():
        return [_t("“%(row)s” was published or is awaiting approval. It cannot be deleted.") % {"row": row}]
    return [_t("“%(row)s” is in use. It cannot be deleted.") % {"row": row}] if _is_used(row) else []


def _frozen_texts(row: Deletable):
    """Every text that was made of the row; None where none is made of such rows."""
    if isinstance(row, Consultation):
        return consultation_editions(row)
    return texts_of_draft(row) if isinstance(row, ResponseDraft) else None


def _is_used(row: Deletable) -> bool:
    if isinstance(row, ResponseDraft):
        return False
    users = [row.recommendations]
    if isinstance(row, Consultation):
        users.append(row.letters)
    elif isinstance(row, Area):
        users += [row.consultations, PublishedRecommendation.objects.filter(area_key=row.key)]
    return any(rows.exists() for rows in users)


def delete_row(row: Deletable) -> None:
    """Delete it, and let no restored backup bring it back."""
    list_deletion(type(row), row)
    row.delete()
