"""Words that the renderings of a fact sheet add to its text, in both languages."""

NOTICE = {
    "en": "Draft prepared by this portal from its records. Neither government has approved it. Do not cite it.",
    "es": "Borrador que este portal elaboró a partir de sus registros. Ninguno de los dos gobiernos le ha dado el "
    "visto bueno. No debe citarse.",
}
WORDS = {
    "en": {
        "sources": "Sources",
        "page": "Page",
        "context": "Sentences in italics are background, from before the period of this fact sheet.",
    },
    "es": {
        "sources": "Fuentes",
        "page": "Página",
        "context": "Las oraciones en cursivas son antecedentes, previos al periodo de esta hoja informativa.",
    },
}

#: In place of the sections where no record has anything to say.
EMPTY = {
    "en": "No progress has been published on this portal for the period before this meeting.",
    "es": "Este portal no ha publicado avances del periodo previo a esta reunión.",
}
