"""The title and the opening paragraphs of a fact sheet: the meeting, who led, and what was said of the dialogue."""

import re

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.wording.grammar import finished, listed, tidy
from initiatives.wording.names import Names

from . import paragraphs
from .outline import Part, PlacedFact, is_later, part_of
from .records import Records, sources_of
from .sentence import Sentence

_TITLE = {
    "en": "U.S.-Mexico High-Level Economic Dialogue: {}. Fact sheet",
    "es": "Diálogo Económico de Alto Nivel México-Estados Unidos: {}. Hoja informativa",
}
_MET = {
    "en": "Officials of the governments of the United States and Mexico met {how}{when}{comma} for the {name} of the "
    "U.S.-Mexico High-Level Economic Dialogue (HLED)",
    "es": "Funcionarios de los gobiernos de México y de los Estados Unidos se reunieron {how}{when} para la {name} del "
    "Diálogo Económico de Alto Nivel (DEAN) México-Estados Unidos",
}
_MODES = {
    "en": {"virtual": "virtually ", "hybrid": "in person and virtually "},
    "es": {"virtual": "de manera virtual ", "hybrid": "de manera presencial y virtual "},
}
_LED = {
    "en": {"US": "The U.S. delegation was led by {}", "MX": "The Mexican delegation was led by {}"},
    "es": {
        "US": "La delegación estadounidense fue encabezada por {}",
        "MX": "La delegación mexicana fue encabezada por {}",
    },
}
_SINCE = {
    "en": "This fact sheet reports progress since the {name}, held on {date}",
    "es": "Esta hoja informativa da cuenta de los avances desde la {name}, celebrada el {date}",
}
#: Each language names its own delegation first.
_ORDER = {"en": ("US", "MX"), "es": ("MX", "US")}


def title(meeting: dict, language: str) -> str:
    return _TITLE[language].format(in_language(meeting, "name", language))


def build_introduction(records: Records, names: Names, language: str) -> list[list[Sentence]]:
    """Paragraphs: the meeting and its heads, then what was said of the dialogue as the document has it."""
    first = [_met(records, names, language), *_heads(records, names, language)]
    others = _paragraphs(records, names, language)
    if records.previous:
        words = {"name": _lower(in_language(records.previous, "name", language))}
        words["date"] = edtf_dates.to_text(records.previous["date_edtf"], language)
        text = finished(_SINCE[language].format(**words))
        if not any(words["date"] in line.text for paragraph in others for line in paragraph):
            first.append(Sentence(text, (f"meeting/{records.previous['key']}",)))
    return [first, *others, _pillars(records, language)]


def _met(records: Records, names: Names, language: str) -> Sentence:
    meeting = records.meeting
    when = edtf_dates.phrase(meeting["date_edtf"], "on", language)
    place = names.located([meeting["place"]] if meeting["place"] else [], language)
    words = {
        "how": _MODES[language].get(meeting["mode"], ""),
        "when": f"{place} {when}".strip(),
        "comma": "," if edtf_dates.is_day(meeting["date_edtf"]) else "",
        "name": _lower(in_language(meeting, "name", language)),
    }
    held = [fact for fact in meeting["facts"] if _is_the_meeting(fact, meeting)]
    subject = f"meeting/{meeting['key']}"
    rows = (subject, *(f"{subject}#{fact['key']}" for fact in held))
    return Sentence(finished(tidy(_MET[language].format(**words), language)), rows, sources_of(*held), Part.DONE)


def _is_the_meeting(fact: dict, meeting: dict) -> bool:
    """Whether a fact says that the meeting itself was held."""
    return (
        fact["kind"] == FactKind.EVENT
        and fact["modality"] == Modality.HAPPENED
        and fact["action"] in ("hold", "convene")
        and fact["date_edtf"] == meeting["date_edtf"]
    )


def _heads(records: Records, names: Names, language: str) -> list[Sentence]:
    sentences = []
    for side in _ORDER[language]:
        rows = [row for row in records.meeting["attendances"] if row["delegation"] == side]
        if rows:
            people = [_person(row, names, language) for row in sorted(rows, key=lambda row: row["order"])]
            text = finished(tidy(_LED[language][side].format(listed(people, language)), language))
            keys = tuple(f"meeting/{records.meeting['key']}#attendance-{row['order']}" for row in rows)
            sentences.append(Sentence(text, keys, sources_of(*rows), Part.DONE))
    return sentences


def _person(row: dict, names: Names, language: str) -> str:
    """Office and name; the body too, where the office does not tell it: "the Chief Officer for North America"."""
    office, body = in_language(row, "office", language), names.full(row["organization"], language)
    if not _tells(office, body):
        of_body = names.organization(row["organization"], language, long=True)
        office = f"{office} {'de' if language == 'es' else 'of'} {of_body}"
    if language == "es" and _OF_BOTH_GENDERS.match(office):
        return f"{row['person']}, {office}"
    if language == "es":
        feminine = office.partition(" ")[0].endswith("a")
        return f"{'la' if feminine else 'el'} {office} {row['person']}"
    return f"{office} {row['person']}"


#: Without an article that could be the wrong one: "representante comercial".
_OF_BOTH_GENDERS = re.compile(r"\w+(?:[ae]nte|ista)\b")


def _tells(office: str, body: str) -> bool:
    """Whether an office shares a word of more than four letters with the name of its body."""
    words = {word.strip(",.").casefold() for word in body.split() if len(word) > 4}
    return any(word.strip(",.").casefold() in words for word in office.split())


def _paragraphs(records: Records, names: Names, language: str) -> list[list[Sentence]]:
    """What was said of the dialogue as a whole, cut where the document cuts it."""
    subject = f"meeting/{records.meeting['key']}"
    groups: dict[str, list[PlacedFact]] = {}
    for fact in records.meeting["facts"]:
        if not _is_the_meeting(fact, records.meeting) and not is_later(fact, records):
            part = part_of(fact, records) or Part.STANDING
            # The first sentence has the day of the meeting.
            known = {"date_edtf": ""} if fact["date_edtf"] == records.meeting["date_edtf"] else {}
            groups.setdefault(_locator(fact), []).append(PlacedFact(fact | known, part))
    lines = [paragraphs.build_sentences(subject, rows, names, language, []) for rows in groups.values()]
    return [line for line in lines if line]


_PILLARS = {
    "en": "The work of the dialogue is organized in {} pillars: {}",
    "es": "Los trabajos del Diálogo se organizan en {} pilares: {}",
}
_NUMBERS = {
    "en": ("one", "two", "three", "four", "five", "six"),
    "es": ("un", "dos", "tres", "cuatro", "cinco", "seis"),
}


def _pillars(records: Records, language: str) -> list[Sentence]:
    names = [f"{pillar['number']}. {in_language(pillar, 'name', language)}" for pillar in records.pillars]
    if len(names) < 2:
        return []
    numbers = _NUMBERS[language]
    count = numbers[len(names) - 1] if len(names) <= len(numbers) else str(len(names))
    text = _PILLARS[language].format(count, "; ".join(names))
    return [Sentence(finished(text), tuple(f"pillar/{pillar['key']}" for pillar in records.pillars))]


def _locator(fact: dict) -> str:
    citations = [*fact["citations"], *(row for reading in fact["readings"] for row in reading["citations"])]
    return citations[0]["locator"] if citations else ""


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
