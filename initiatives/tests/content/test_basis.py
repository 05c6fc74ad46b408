"""On what a text is based, by the kind of its document, in both languages."""

from types import SimpleNamespace

import pytest

from initiatives.content import basis
from initiatives.vocabulary.choices import SourceKind

JOINT = (
    "Based on the joint document of May 5, 2025; not approved by either government.",
    "Texto elaborado a partir del documento conjunto del 5 de mayo de 2025; sin el visto bueno de ninguno de los dos"
    " gobiernos.",
)
BASES = {
    SourceKind.FACT_SHEET: JOINT,
    SourceKind.JOINT_STATEMENT: JOINT,
    SourceKind.WORK_PLAN: JOINT,
    SourceKind.INSTRUMENT: JOINT,
    SourceKind.PUBLICATION: (
        "Based on the publication of May 5, 2025",
        "Texto elaborado a partir de la publicación del 5 de mayo de 2025",
    ),
    SourceKind.ANNOUNCEMENT: (
        "Based on an announcement of one government (Department of Commerce, DOC) of May 5, 2025",
        "Texto elaborado a partir de un comunicado de un solo gobierno (Departamento de Comercio, DOC) del 5 de mayo",
    ),
    SourceKind.GROUP_DOCUMENT: (
        "Based on a document of a binational group of May 5, 2025",
        "Texto elaborado a partir de un documento de un grupo binacional del 5 de mayo de 2025",
    ),
    SourceKind.NEWS: (
        "Based on a news report of May 5, 2025",
        "Texto elaborado a partir de una nota periodística del 5 de mayo de 2025",
    ),
}


@pytest.mark.parametrize("kind", SourceKind)
def test_each_kind_of_document_is_called_what_it_is(kind):
    issuer = kind == SourceKind.ANNOUNCEMENT
    source = {
        "source_kind": kind,
        "date_edtf": "2025-05-05",
        "date_wording_en": "",
        "date_wording_es": "",
        "issuer_en": "Department of Commerce (DOC)" if issuer else "",
        "issuer_es": "Departamento de Comercio (DOC)" if issuer else "",
        "meeting": None,
    }
    text = SimpleNamespace(basis="joint_text", subject_kind="initiative", source_key="text", data={})
    for language, words in zip(("en", "es"), BASES[kind], strict=True):
        assert basis.basis_text(text, source, language).startswith(words)
