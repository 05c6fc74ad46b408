"""Words that the renderings of a fact sheet add to its text, in both languages."""

NOTICE = {
    "en": "Draft prepared by this portal from its records. Neither government has approved it. Do not cite it.",
    "es": "Borrador que este portal elaboró a partir de sus registros. Ninguno de los dos gobiernos le ha dado el "
    "visto bueno. No debe citarse.",
}
WORDS = {
    "en": {"sources": "Sources", "page": "Page"},
    "es": {"sources": "Fuentes", "page": "Página"},
}
