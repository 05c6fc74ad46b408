"""On what basis a text is public, in words: one wording for pages, lists, search, mail, citations and files."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import override

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.publishing.signed_text import Basis
from initiatives.vocabulary.choices import JOINT_KINDS, SourceKind

from . import snapshot_content

#: Kinds that say what their text says; the others bring names, dates and coordinates that it may not have.
_FROM_TEXTS = ("initiative", "pillar", "source", "response", "recommendation", "consultation")

#: Of an issuer, which stands in brackets itself: “Secretariat of Foreign Affairs of Mexico (SRE)”.
_BRACKETS = re.compile(r" \(([^()]*)\)")


def basis_text(text, source: dict | None, language: str = "") -> str:
    """A sentence on a text, an edition or a response; `source` is the frozen content of its source, if it is public."""
    with override(language or active_language()):
        if text.basis == Basis.KEYS:
            return _("Text approved by both delegations.")
        return _("%(basis)s; not approved by either government.") % {"basis": document_text(text, source)}


def is_from_text(text, source: dict | None) -> bool:
    """Whether a text says what its document says, and was not only published with it."""
    if text.subject_kind in _FROM_TEXTS or text.source_key in snapshot_content.cited(text.data):
        return True
    return text.subject_kind == "meeting" and source is not None and source["meeting"] == text.subject_key


def document_text(text, source: dict | None) -> str:
    """The document that a text is based on, by its kind and date, in the active language."""
    if source is None:
        return _("Based on a document that is no longer shown here")
    language, kind = active_language(), source["source_kind"]
    wording = in_language(source, "date_wording", language)
    words = {
        "date": edtf_dates.to_text(source["date_edtf"], language, wording),
        "issuer": _BRACKETS.sub(r", \1", in_language(source, "issuer", language)) if source.get("issuer_en") else "",
    }
    if not is_from_text(text, source):
        return _("Added by the portal's editors to accompany the document of %(date)s") % words
    if kind == SourceKind.ANNOUNCEMENT and words["issuer"]:
        return _("Based on an announcement of one government (%(issuer)s) of %(date)s") % words
    if kind == SourceKind.ANNOUNCEMENT:
        return _("Based on an announcement of one government of %(date)s") % words
    if kind == SourceKind.GROUP_DOCUMENT:
        return _("Based on a document of a binational group of %(date)s") % words
    if kind == SourceKind.NEWS:
        return _("Based on a news report of %(date)s") % words
    if kind not in JOINT_KINDS:
        return _("Based on the publication of %(date)s") % words
    return _("Based on the joint document of %(date)s") % words
