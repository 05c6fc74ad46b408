"""Sentences from frozen facts: actor, verb, object, place and date, in both languages."""

from datetime import date

import pytest

from initiatives.vocabulary.actions import VERBS, FactKind
from initiatives.wording.grammar import listed
from initiatives.wording.sentences import Names, entry_line, sentence


def name(english, spanish="", article="la", acronym="", since="", until=""):
    row = {"order": 1, "name_en": english, "name_es": spanish, "article_en": "the" if article else ""}
    row |= {
        "article_es": article,
        "acronym_en": acronym,
        "acronym_es": acronym,
        "since_edtf": since,
        "until_edtf": until,
    }
    return row


def organization(*names, kind="ministry"):
    return {"organization_kind": kind, "names": list(names)}


def place(english, spanish, kind, parent=None):
    return {"name_en": english, "name_es": spanish, "place_kind": kind, "parent": parent}


ORGANIZATIONS = {
    "sep": organization(name("Secretariat of Public Education", "Secretaría de Educación Pública", acronym="SEP")),
    "se": organization(name("Secretariat of Economy", "Secretaría de Economía", acronym="SE")),
    "sedena": organization(
        name("Secretariat of National Defense", "Secretaría de la Defensa Nacional", acronym="SEDENA", until="2024-12"),
        name("Secretariat of Defense", "Secretaría de la Defensa Nacional", acronym="Defensa", since="2025-01"),
    ),
    "asu": organization(name("Arizona State University", article="", acronym="ASU"), kind="university"),
    "canieti": organization(name("Chamber of Electronics", "Cámara Electrónica", acronym="CANIETI"), kind="chamber"),
    "us-embassy-mexico": organization(
        name("Embassy of the United States in Mexico", "Embajada de los Estados Unidos en México"), kind="embassy"
    ),
    "usaid": organization(name("Agency for International Development", "Agencia", acronym="USAID"), kind="agency"),
    "amexcid": organization(name("Mexican Agency", "Agencia Mexicana", acronym="AMEXCID"), kind="agency"),
    "conocer": organization(name("National Council", "Consejo Nacional", article="el", acronym="CONOCER")),
    "gac": organization(name("Global Affairs Canada", "Asuntos Mundiales Canadá", article="", acronym="GAC")),
    "oecd": organization(name("Organisation for Economic Co-operation", "", acronym="OECD"), kind="international"),
    "laboratories": organization(name("National Laboratories", "Laboratorios Nacionales", article="los")),
}
PLACES = {
    "mexico": place("Mexico", "México", "country"),
    "united-states": place("United States", "Estados Unidos", "country"),
    "jalisco": place("Jalisco", "Jalisco", "state", "mexico"),
    "guadalajara": place("Guadalajara", "Guadalajara", "city", "jalisco"),
    "mexico-city": place("Mexico City", "Ciudad de México", "city", "mexico"),
    "honduras": place("Honduras", "Honduras", "country"),
    "el-salvador": place("El Salvador", "El Salvador", "country"),
    "guatemala": place("Guatemala", "Guatemala", "country"),
    "southern-mexico": place("Southern Mexico", "Sur de México", "region", "mexico"),
    "otay-mesa-east-poe": place("Otay Mesa East Port of Entry", "Puerto de entrada Otay Mesa Este", "port_of_entry"),
    "otay-mesa-ii-poe": place("Otay Mesa II Port of Entry", "Puerto de entrada Mesa de Otay II", "port_of_entry"),
}
CONTENTS = {("organization", key): content for key, content in ORGANIZATIONS.items()}
CONTENTS |= {("place", key): content for key, content in PLACES.items()}
NAMES = Names(CONTENTS, on=date(2024, 4, 19))


def make_fact(action="", english="the study", spanish="el estudio", **columns):
    kind = str(VERBS[action].kind) if action else "figure"
    fact = {"key": "fact", "kind": kind, "order": 1, "side": "joint", "action": action, "object_en": english}
    fact |= {"object_es": spanish, "modality": "happened" if action else "", "relation": "", "date_edtf": ""}
    fact |= {"date_wording_en": "", "date_wording_es": "", "date_inferred": False, "duration": "", "places": []}
    fact |= {"of": None, "mode": "", "series_position": None, "series_size": None, "series_rhythm": ""}
    fact |= {"end_edtf": "", "end_reason": "", "end_text_en": "", "end_text_es": "", "measure": "", "unit_en": ""}
    fact |= {"unit_es": "", "currency": "", "participations": [], "readings": []}
    return fact | columns


def parties(*pairs):
    """Participations from pairs of role and key, or of role and texts of an unnamed group."""
    rows = []
    for order, (role, who) in enumerate(pairs, 1):
        key, texts = (who, ("", "")) if isinstance(who, str) else (None, who)
        row = {"order": order, "role": role, "organization": key, "unnamed_en": texts[0], "unnamed_es": texts[1]}
        rows.append(row)
    return rows


def make_sentence(fact, names=NAMES, **options):
    return tuple(sentence(fact, names, language, **options) for language in ("en", "es"))


# The five awkward items of the review of April 2024


def test_the_semiconductor_action_plan_and_its_objectives():
    plan = make_fact(
        "coordinate",
        "efforts through a joint semiconductor supply chain action plan",
        "esfuerzos mediante un plan de acción conjunto para la cadena de suministro de semiconductores",
        modality="under_way",
    )
    assert make_sentence(plan) == (
        "The United States and Mexico are coordinating efforts through a joint semiconductor supply chain action plan.",
        "México y los Estados Unidos coordinan esfuerzos mediante un plan de acción conjunto para la cadena de "
        "suministro de semiconductores.",
    )
    objectives = [
        ("integrate regional supply chains", "integrar las cadenas de suministro regionales"),
        ("scale present activities", "ampliar las actividades actuales"),
        ("diversify investment", "diversificar la inversión"),
        ("foster local dialogues", "fomentar los diálogos locales"),
        ("develop the workforce", "desarrollar la fuerza laboral"),
    ]
    facts = [make_fact("", *texts, kind="objective") for texts in objectives]
    assert [make_sentence(fact) for fact in facts] == [
        ("Integrate regional supply chains.", "Integrar las cadenas de suministro regionales."),
        ("Scale present activities.", "Ampliar las actividades actuales."),
        ("Diversify investment.", "Diversificar la inversión."),
        ("Foster local dialogues.", "Fomentar los diálogos locales."),
        ("Develop the workforce.", "Desarrollar la fuerza laboral."),
    ]


def test_the_forum_of_canieti():
    forum = make_fact(
        "convene",
        "a semiconductor forum",
        "un foro sobre semiconductores",
        date_edtf="2024-02",
        relation="on",
        places=["guadalajara", "jalisco"],
        series_position=1,
        series_size=4,
        series_rhythm="P3M",
        participations=parties(("lead", "canieti"), ("supporter", "us-embassy-mexico")),
    )
    assert make_sentence(forum) == (
        "CANIETI convened a semiconductor forum (first of four, quarterly) in Guadalajara, Jalisco, in February 2024, "
        "with support from the Embassy of the United States in Mexico.",
        "La CANIETI convocó un foro sobre semiconductores (1 de 4, cada 3 meses) en Guadalajara, Jalisco, en febrero "
        "de 2024, con el apoyo de la Embajada de los Estados Unidos en México.",
    )


def test_otay_mesa_east_was_signed_on_a_day_not_known():
    memorandum = make_fact(
        "sign",
        "a memorandum of understanding on the design",
        "un memorando de entendimiento sobre el diseño",
        side="US",
        date_edtf="../2024-04-19",
        places=["otay-mesa-east-poe"],
    )
    assert make_sentence(memorandum) == (
        "A memorandum of understanding on the design was signed at the Otay Mesa East Port of Entry.",
        "Se firmó un memorando de entendimiento sobre el diseño en el puerto de entrada Otay Mesa Este.",
    )


def test_otay_mesa_ii_is_expected_and_its_progress_is_a_reading():
    works = make_fact(
        "complete",
        "the works on the Mexican side of Otay Mesa II",
        "las obras del lado mexicano de Mesa de Otay II",
        side="MX",
        modality="expected",
        relation="by",
        date_edtf="2024-09-21",
        places=["otay-mesa-ii-poe"],
        participations=parties(("lead", "sedena")),
    )
    assert make_sentence(works) == (
        "SEDENA expects to complete the works on the Mexican side of Otay Mesa II by September 21, 2024.",
        "La SEDENA prevé concluir las obras del lado mexicano de Mesa de Otay II para el 21 de septiembre de 2024.",
    )
    reading = {"order": 1, "status": "actual", "value": "60", "qualifier": "almost", "as_of_edtf": "2024-04-19"}
    reading |= {"as_of_inferred": True, "reporting_body": "sedena", "places": []}
    progress = make_fact("", "", "", measure="physical_progress", readings=[reading])
    assert make_sentence(progress) == (
        "Physical progress: almost 60% (SEDENA, as of April 19, 2024).",
        "Avance físico: casi 60% (SEDENA, al 19 de abril de 2024).",
    )


def test_usaid_and_amexcid_in_central_america():
    launched = make_fact(
        "launch",
        "Sembrando Oportunidades",
        "Sembrando Oportunidades",
        date_edtf="2021-12",
        places=["honduras", "el-salvador", "guatemala"],
        participations=parties(("lead", "usaid"), ("lead", "amexcid")),
    )
    assert make_sentence(launched) == (
        "USAID and AMEXCID launched Sembrando Oportunidades in Honduras, El Salvador, and Guatemala in December 2021.",
        "La USAID y la AMEXCID lanzaron Sembrando Oportunidades en Honduras, El Salvador y Guatemala en diciembre de "
        "2021.",
    )
    begin = make_fact(
        "begin",
        "the training of technicians in Guatemala",
        "la capacitación de personal técnico en Guatemala",
        modality="expected",
        date_edtf="2024-21",
        places=["guatemala"],
    )
    leads = parties(("lead", "usaid"), ("lead", "amexcid"))
    assert make_sentence(begin, leads=leads) == (
        "USAID and AMEXCID expect to begin the training of technicians in Guatemala in spring 2024.",
        "La USAID y la AMEXCID prevén iniciar la capacitación de personal técnico en Guatemala en la primavera de "
        "2024.",
    )
    assert make_sentence(begin, leads=["usaid", "amexcid"]) == make_sentence(begin, leads=leads)


def test_the_agreement_of_sep_and_arizona_state_university():
    agreement = make_fact(
        "sign",
        "a final licensing agreement",
        "un acuerdo definitivo de licencia",
        side="MX",
        date_edtf="2024-02",
        participations=parties(("lead", "sep"), ("partner", "asu")),
    )
    assert make_sentence(agreement) == (
        "SEP signed a final licensing agreement with ASU in February 2024.",
        "La SEP firmó un acuerdo definitivo de licencia con ASU en febrero de 2024.",
    )
    named = agreement | {"object_en": "an agreement with Arizona State University", "object_es": "un acuerdo con ASU"}
    assert make_sentence(named) == (
        "SEP signed an agreement with Arizona State University in February 2024.",
        "La SEP firmó un acuerdo con ASU en febrero de 2024.",
    )


# Modalities and actors

MODALITIES = [
    ("happened", "SE completed the study.", "La SE concluyó el estudio."),
    ("under_way", "SE is completing the study.", "La SE concluye el estudio."),
    ("expected", "SE expects to complete the study.", "La SE prevé concluir el estudio."),
    ("planned", "SE plans to complete the study.", "La SE tiene previsto concluir el estudio."),
    ("deadline", "SE is to complete the study.", "La SE debe concluir el estudio."),
]
MODALITIES_OF_MANY = [
    ("happened", "SE and SEP completed the study.", "La SE y la SEP concluyeron el estudio."),
    ("under_way", "SE and SEP are completing the study.", "La SE y la SEP concluyen el estudio."),
    ("expected", "SE and SEP expect to complete the study.", "La SE y la SEP prevén concluir el estudio."),
    ("planned", "SE and SEP plan to complete the study.", "La SE y la SEP tienen previsto concluir el estudio."),
    ("deadline", "SE and SEP are to complete the study.", "La SE y la SEP deben concluir el estudio."),
]


@pytest.mark.parametrize(("modality", "english", "spanish"), MODALITIES)
def test_modality_of_one_actor(modality, english, spanish):
    assert make_sentence(make_fact("complete", modality=modality), leads=["se"]) == (english, spanish)


@pytest.mark.parametrize(("modality", "english", "spanish"), MODALITIES_OF_MANY)
def test_modality_of_several_actors(modality, english, spanish):
    assert make_sentence(make_fact("complete", modality=modality), leads=["se", "sep"]) == (english, spanish)


@pytest.mark.parametrize(
    ("side", "english", "spanish"),
    [
        ("US", "The United States plans to sign the study.", "Los Estados Unidos tienen previsto firmar el estudio."),
        ("MX", "Mexico plans to sign the study.", "México tiene previsto firmar el estudio."),
        (
            "joint",
            "The United States and Mexico plan to sign the study.",
            "México y los Estados Unidos tienen previsto firmar el estudio.",
        ),
    ],
)
def test_without_leads_the_governments_of_the_side_act(side, english, spanish):
    assert make_sentence(make_fact("sign", side=side, modality="planned")) == (english, spanish)


def test_what_goes_on_since_a_day():
    fact = make_fact("coordinate", "a dialogue", "un diálogo", modality="under_way", relation="since", side="MX")
    expected = (
        "SE has been coordinating a dialogue since March 2024.",
        "La SE coordina un diálogo desde marzo de 2024.",
    )
    assert make_sentence(fact | {"date_edtf": "2024-03"}, leads=["se"]) == expected
    assert make_sentence(fact | {"date_edtf": "2024-03/..", "relation": ""}, leads=["se"]) == expected


def test_plural_names_and_unnamed_groups():
    assert make_sentence(make_fact("prepare", modality="expected"), leads=["laboratories"]) == (
        "The National Laboratories expect to prepare the study.",
        "Los Laboratorios Nacionales prevén preparar el estudio.",
    )
    experts = parties(("lead", ("experts supported by USAID", "personas expertas con apoyo de USAID")))
    assert make_sentence(make_fact("prepare", modality="under_way", participations=experts)) == (
        "Experts supported by USAID are preparing the study.",
        "Personas expertas con apoyo de USAID preparan el estudio.",
    )
    group = parties(("lead", ("a working group", "un grupo de trabajo")))
    assert make_sentence(make_fact("prepare", modality="under_way", participations=group)) == (
        "A working group is preparing the study.",
        "Un grupo de trabajo prepara el estudio.",
    )


def test_contractions_in_spanish_leave_names_alone():
    fact = make_fact(
        "join",
        "the programme",
        "el programa de El Salvador",
        places=["el-salvador"],
        participations=parties(("lead", "sep"), ("supporter", "conocer")),
    )
    assert sentence(fact, NAMES, "es") == ("La SEP se incorporó al programa de El Salvador, con el apoyo del CONOCER.")
    assert entry_line("help", "el CONOCER", "es") == "Ayudar al CONOCER"


def test_roles_are_told_in_their_order():
    fact = make_fact(
        "provide",
        "training",
        "capacitación",
        date_edtf="2023-10",
        places=["southern-mexico"],
        participations=parties(
            ("participant", ("companies", "empresas")), ("funder", "usaid"), ("lead", "gac"), ("recipient", "conocer"),
            ("partner", "amexcid"), ("implementer", "se"), ("host", "sep"),
        ),
    )  # fmt: skip
    assert make_sentence(fact) == (
        "GAC provided training with AMEXCID to CONOCER in southern Mexico in October 2023, through SE, hosted by SEP, "
        "with funding from USAID, with the participation of companies.",
        "GAC proporcionó capacitación con la AMEXCID al CONOCER en el sur de México en octubre de 2023, por conducto "
        "de la SE, con la SEP como institución anfitriona, con financiamiento de la USAID, con la participación de "
        "empresas.",
    )


def test_a_host_acts_in_what_is_hosted_and_only_there():
    hosts = parties(("host", "sep"), ("host", "usaid"))
    assert make_sentence(make_fact("host", "a webinar", "un seminario web", participations=hosts)) == (
        "SEP and USAID hosted a webinar.",
        "La SEP y la USAID organizaron un seminario web.",
    )
    sent = make_fact("send", "students", "estudiantes", side="US", participations=parties(("host", "asu")))
    assert make_sentence(sent) == (
        "Students were sent, hosted by ASU.",
        "Se enviaron estudiantes, con ASU como institución anfitriona.",
    )


def test_duration_mode_and_series_stand_in_brackets_once():
    meeting = make_fact("host", "a meeting", "una reunión", duration="P2D", mode="virtual", places=["mexico-city"])
    meeting |= {"series_size": 3, "date_edtf": "2024-02", "side": "MX"}
    assert make_sentence(meeting) == (
        "A meeting was hosted (2 days; virtual; a series of three) in Mexico City in February 2024.",
        "Se organizó una reunión (2 días; en modalidad virtual; serie de 3) en la Ciudad de México en febrero de 2024.",
    )
    repeated = meeting | {
        "object_en": "the first of three two-day webinars",
        "object_es": "el primer de 3 talleres de 2 días",
    }
    assert sentence(repeated, NAMES, "en") == (
        "The first of three two-day webinars was hosted in Mexico City in February 2024."
    )
    later = make_fact("hold", "the forum", "el foro", series_position=12, series_rhythm="P2M", modality="planned")
    assert make_sentence(later, leads=["se"]) == (
        "SE plans to hold the forum (number 12 of a series, every 2 months).",
        "La SE tiene previsto celebrar el foro (número 12 de una serie, cada 2 meses).",
    )


def test_wordings_of_dates_are_kept():
    fact = make_fact("extend", "the work", "el trabajo", date_edtf="2023-39")
    fact |= {"date_wording_en": "late 2023", "date_wording_es": "finales de 2023"}
    assert make_sentence(fact, leads=["usaid"]) == (
        "USAID extended the work in late 2023.",
        "La USAID amplió el trabajo a finales de 2023.",
    )


def test_a_long_object_has_partner_and_date_before_it():
    fact = make_fact(
        "sign",
        "an agreement that opens a pilot in 2025",
        "un acuerdo que abre un piloto en 2025",
        date_edtf="2024-02",
        participations=parties(("lead", "sep"), ("partner", "asu")),
    )
    assert make_sentence(fact) == (
        "In February 2024, SEP, with ASU, signed an agreement that opens a pilot in 2025.",
        "En febrero de 2024, la SEP, con ASU, firmó un acuerdo que abre un piloto en 2025.",
    )
    assert sentence(fact | {"modality": "expected"}, NAMES, "en") == (
        "SEP, with ASU, expects to sign an agreement that opens a pilot in 2025 in February 2024."
    )


def test_what_the_object_tells_is_not_told_again():
    fact = make_fact("promote", "trade in 2023", "el comercio en 2023", date_edtf="2023")
    assert make_sentence(fact, leads=["se"]) == ("SE promoted trade in 2023.", "La SE promovió el comercio en 2023.")
    fact = make_fact("consider", "progress since the last meeting", "los avances desde la última reunión")
    assert make_sentence(fact | {"date_edtf": "2023-09-29", "relation": "since"}, leads=["se"]) == (
        "SE considered progress since the last meeting (September 29, 2023).",
        "La SE consideró los avances desde la última reunión (29 de septiembre de 2023).",
    )
    fact = make_fact("advance", "the work over the last six months", "los trabajos de los últimos 6 meses")
    assert make_sentence(fact | {"duration": "P6M"}, leads=["se"]) == (
        "SE advanced the work over the last six months.",
        "La SE impulsó los trabajos de los últimos 6 meses.",
    )
    fact = make_fact("mobilize", "investments", "inversiones", duration="P2Y")
    assert make_sentence(fact, leads=["usaid"]) == (
        "USAID mobilized investments over a period of 2 years.",
        "La USAID movilizó inversiones durante 2 años.",
    )


ENDS = [
    (
        "dropped",
        "expected",
        "SE had expected to complete the study by May 2024. This milestone was dropped in March 2024: funds.",
        "La SE preveía concluir el estudio para mayo de 2024. Este hito se descartó en marzo de 2024: fondos.",
    ),
    (
        "replaced",
        "planned",
        "SE had planned to complete the study by May 2024. This milestone was replaced by another in March 2024: "
        "funds.",
        "La SE tenía previsto concluir el estudio para mayo de 2024. Este hito se sustituyó por otro en marzo de 2024: "
        "fondos.",
    ),
    (
        "merged",
        "deadline",
        "SE was to complete the study by May 2024. This milestone was merged into another in March 2024: funds.",
        "La SE debía concluir el estudio para mayo de 2024. Este hito se fusionó con otro en marzo de 2024: fondos.",
    ),
]


@pytest.mark.parametrize(("reason", "modality", "english", "spanish"), ENDS)
def test_a_milestone_that_ended_says_why(reason, modality, english, spanish):
    fact = make_fact("complete", modality=modality, relation="by", date_edtf="2024-05", end_reason=reason)
    fact |= {"end_edtf": "2024-03", "end_text_en": "funds", "end_text_es": "fondos"}
    assert make_sentence(fact, leads=["se"]) == (english, spanish)


def test_a_milestone_that_was_met_has_no_second_sentence():
    fact = make_fact("complete", end_reason="met", end_edtf="2024-03")
    assert make_sentence(fact, leads=["se"]) == ("SE completed the study.", "La SE concluyó el estudio.")


def test_a_figure_has_an_object_and_several_readings():
    readings = [
        {"order": 2, "status": "target", "value": "200", "qualifier": "at_least"},
        {"order": 1, "status": "actual", "value": "160", "qualifier": "over", "as_of_edtf": "2024-02"},
    ]
    figure = make_fact("", "attendance", "asistencia", measure="count", unit_en="people", unit_es="personas")
    assert make_sentence(figure | {"readings": readings}) == (
        "Attendance: over 160 people (as of February 2024); at least 200 people (target).",
        "Asistencia: más de 160 personas (a febrero de 2024); al menos 200 personas (meta).",
    )


# Names


def test_names_are_those_of_the_day():
    for day, acronym in ((None, "Defensa"), (date(2024, 4, 19), "SEDENA"), (date(2025, 1, 1), "Defensa")):
        assert Names(CONTENTS, on=day).label("sedena", "en") == acronym


def test_forms_of_an_organization():
    assert NAMES.organization("sep", "es") == "SEP"
    assert NAMES.organization("sep", "es", long=True) == "la Secretaría de Educación Pública (SEP)"
    assert NAMES.organization("us-embassy-mexico", "en") == "the Embassy of the United States in Mexico"
    assert NAMES.label("us-embassy-mexico", "en") == "Embassy of the United States in Mexico"
    assert NAMES.running("oecd", "en") == "the OECD"
    assert (NAMES.plural("laboratories"), NAMES.plural("sep"), NAMES.plural("nobody")) == (True, False, False)


def test_a_key_that_is_not_there_stands_for_itself():
    assert NAMES.organization("nobody", "es", long=True) == "nobody"
    assert NAMES.place("nowhere", "en") == "nowhere"
    assert NAMES.located(["nowhere"], "en") == "in nowhere"
    assert make_sentence(make_fact("sign"), leads=["nobody"]) == (
        "Nobody signed the study.",
        "Nobody firmó el estudio.",
    )


def test_places_with_articles_and_without_what_holds_them():
    assert NAMES.place("guadalajara", "en") == "Guadalajara, Jalisco"
    assert NAMES.place("mexico-city", "es") == "Ciudad de México"
    assert NAMES.places(["jalisco", "guadalajara", "mexico", "honduras"], "en") == "Guadalajara, Jalisco, and Honduras"
    assert NAMES.located(["united-states"], "en") == "in the United States"
    assert NAMES.located(["united-states", "southern-mexico"], "es") == "en los Estados Unidos y el sur de México"
    assert NAMES.located(["honduras", "otay-mesa-ii-poe"], "en") == "at the Otay Mesa II Port of Entry in Honduras"


@pytest.mark.parametrize(
    ("words", "english", "spanish"),
    [
        ([], "", ""),
        (["A", "Irlanda"], "A and Irlanda", "A e Irlanda"),
        (["A", "Hidalgo"], "A and Hidalgo", "A e Hidalgo"),
        (["A", "Iowa"], "A and Iowa", "A y Iowa"),
        (["A", "B", "C"], "A, B, and C", "A, B y C"),
        (["A, B", "C", "D"], "A, B; C; and D", "A, B; C; y D"),
    ],
)
def test_lists(words, english, spanish):
    assert (listed(words, "en"), listed(words, "es")) == (english, spanish)


# Every action


@pytest.mark.parametrize("action", VERBS)
def test_every_action_has_its_kind_and_its_forms(action):
    verb = VERBS[action]
    assert verb.kind in (FactKind.MILESTONE, FactKind.EVENT, FactKind.UPDATE)
    assert all(form and form == form.strip() for form in (*verb.en, *verb.es))
    assert verb.en.gerund.split()[0].endswith("ing")
    assert verb.es.infinitive.split()[0].removesuffix("se").endswith(("ar", "er", "ir"))


@pytest.mark.parametrize("modality", ["happened", "under_way", "expected", "planned", "deadline"])
@pytest.mark.parametrize("action", VERBS)
def test_every_action_makes_a_sentence_in_every_modality(action, modality):
    for end in ("", "dropped"):
        for words in make_sentence(
            make_fact(action, modality=modality, end_reason=end, date_edtf="2024-05"), leads=["sep"]
        ):
            assert words[0].isupper()
            assert words.endswith(".")
            assert not any(flaw in words for flaw in ("  ", " ,", "..", " a el ", " de el ", "None"))


@pytest.mark.parametrize(
    ("action", "modality", "english", "spanish"),
    [
        ("rely", "under_way", "relies on|integrated chains", "depende de|cadenas integradas"),
        ("discuss", "happened", "discussed|the results", "analizó|los resultados"),
        ("establish", "happened", "established|a working group", "estableció|un grupo de trabajo"),
        ("create", "happened", "created|a fund", "creó|un fondo"),
        ("agree", "happened", "agreed|to meet again", "acordó|reunirse de nuevo"),
        ("commit", "happened", "committed|to meet again", "se comprometió a|reunirse de nuevo"),
        ("recognize", "under_way", "recognizes|that both are stronger", "reconoce|que ambos son más fuertes"),
        ("recognize", "happened", "recognized|that both are stronger", "reconoció|que ambos son más fuertes"),
        ("consult", "happened", "consulted|stakeholders", "consultó a|las partes interesadas"),
        ("strengthen", "happened", "strengthened|the chains", "fortaleció|las cadenas"),
        ("authorize", "happened", "authorized|the works", "autorizó|las obras"),
        ("continue", "under_way", "continues|the work", "continúa|los trabajos"),
        ("chair", "happened", "chaired|the meeting", "presidió|la reunión"),
        ("say", "happened", "said|that trade grew", "señaló|que el comercio creció"),
    ],
)
def test_verbs_of_joint_texts(action, modality, english, spanish):
    (told, object_en), (contado, object_es) = english.split("|"), spanish.split("|")
    assert make_sentence(make_fact(action, object_en, object_es, modality=modality), leads=["se"]) == (
        f"SE {told} {object_en}.",
        f"La SE {contado} {object_es}.",
    )


def test_entry_lines():
    assert entry_line("complete", "the feasibility study", "en") == "Complete the feasibility study"
    assert entry_line("complete", "el estudio de viabilidad", "es") == "Concluir el estudio de viabilidad"
    assert entry_line("join", "el programa", "es") == "Incorporarse al programa"


# What a text says, on its day and later

KINDS = Names(
    CONTENTS
    | {
        ("source", "april"): {"date_edtf": "2024-04-19"},
        ("source", "march"): {"date_edtf": "2024-03"},
    },
    on=date(2024, 4, 19),
)
LATER = Names(KINDS.contents, on=date(2026, 4, 19))
CITED = {"citations": [{"source": "march"}, {"source": "april"}]}
MEXICO = {"side": "MX", **CITED}
AIDED = {"participations": parties(("lead", "usaid")), **CITED}
RIGHT_SENTENCES = [
    # Nobody is named, so nobody acts.
    (
        make_fact("complete", "the modernization of the port", "la modernización del puerto", side="US"),
        "The modernization of the port was completed.",
        "Se concluyó la modernización del puerto.",
    ),
    (
        make_fact("launch", "two calls for proposals", "dos convocatorias", side="US", date_edtf="2024"),
        "Two calls for proposals were launched in 2024.",
        "Se lanzaron dos convocatorias en 2024.",
    ),
    (
        make_fact("begin", "the transit of empty trucks", "el tránsito de camiones vacíos", side="US"),
        "The transit of empty trucks began.",
        "Se inició el tránsito de camiones vacíos.",
    ),
    (
        make_fact("send", "eleven students to Mesa College", "a once estudiantes al Mesa College", side="US"),
        "Eleven students were sent to Mesa College.",
        "Se envió a once estudiantes al Mesa College.",
    ),
    (
        make_fact("join", "the program", "programa", side="MX"),
        "Mexico joined the program.",
        "México se incorporó a programa.",
    ),
    (
        make_fact("sign", side="US", participations=parties(("lead", ("the United States", "los Estados Unidos")))),
        "The United States signed the study.",
        "Los Estados Unidos firmaron el estudio.",
    ),
    (
        make_fact(
            "prepare",
            side="US",
            modality="under_way",
            participations=parties(("lead", ("the United States", "los Estados Unidos"))),
        ),
        "The United States is preparing the study.",
        "Los Estados Unidos preparan el estudio.",
    ),
    (
        make_fact(
            "hold",
            "the second meeting",
            "la segunda reunión",
            participations=parties(
                ("chair", ("Gina Raimondo and Tatiana Clouthier", "Gina Raimondo y Tatiana Clouthier"))
            ),
        ),
        "The United States and Mexico held the second meeting, chaired by Gina Raimondo and Tatiana Clouthier.",
        "México y los Estados Unidos celebraron la segunda reunión, bajo la presidencia de Gina Raimondo y Tatiana "
        "Clouthier.",
    ),
    # A state, a statement and a habit are not progressive.
    (
        make_fact("rely", "integrated supply chains", "cadenas integradas", modality="under_way"),
        "The United States and Mexico rely on integrated supply chains.",
        "México y los Estados Unidos dependen de cadenas integradas.",
    ),
    (
        make_fact(
            "consider", "that they are stronger together", "que son más fuertes juntos", modality="under_way", side="MX"
        ),
        "Mexico considers that they are stronger together.",
        "México considera que son más fuertes juntos.",
    ),
    (
        make_fact("hold", "three meetings a year", "tres reuniones al año", modality="under_way"),
        "The United States and Mexico hold three meetings a year.",
        "México y los Estados Unidos celebran tres reuniones al año.",
    ),
    (
        make_fact(
            "hold",
            "technical calls",
            "llamadas técnicas",
            modality="under_way",
            relation="since",
            date_edtf="2023",
            series_rhythm="P2M",
        ),
        "The United States and Mexico have held technical calls every 2 months since 2023.",
        "México y los Estados Unidos celebran llamadas técnicas cada 2 meses desde 2023.",
    ),
    (
        make_fact("advance", "cooperation", "la cooperación", relation="since", date_edtf="2021-09", **CITED),
        "The United States and Mexico have advanced cooperation since September 2021.",
        "México y los Estados Unidos impulsaron la cooperación desde septiembre de 2021.",
    ),
    # Negation, commitment, condition, alternative years.
    (
        make_fact("plan", "no larger ports of entry", "ninguna ampliación de puertos", modality="under_way", side="MX"),
        "Mexico plans no larger ports of entry.",
        "México no contempla ninguna ampliación de puertos.",
    ),
    (
        make_fact("complete", modality="committed", relation="by", date_edtf="2025", side="MX"),
        "Mexico commits to complete the study by 2025.",
        "México se compromete a concluir el estudio para 2025.",
    ),
    (
        make_fact(
            "begin",
            "construction, once funds are appropriated",
            "la construcción, una vez que se asignen los recursos",
            modality="expected",
            relation="by",
            date_edtf="2026",
            side="US",
        ),
        "The United States expects to begin construction by 2026, once funds are appropriated.",
        "Los Estados Unidos prevén iniciar la construcción para 2026, una vez que se asignen los recursos.",
    ),
    (
        make_fact("complete", "these works", "estas obras", modality="expected", date_edtf="2023/2024", side="MX"),
        "Mexico expects to complete these works in 2023 or 2024.",
        "México prevé concluir estas obras en 2023 o 2024.",
    ),
    # A period is told from the day of its text.
    (
        make_fact("mobilize", "investments", "inversiones", duration="P2Y", date_edtf="../2024-04-19", **AIDED),
        "USAID mobilized investments in the 2 years before April 2024.",
        "La USAID movilizó inversiones en los 2 años previos a abril de 2024.",
    ),
    (
        make_fact(
            "hold",
            "the meeting",
            "la reunión",
            modality="planned",
            date_wording_en="the next few months",
            date_wording_es="los próximos meses",
            **CITED,
        ),
        "The United States and Mexico plan to hold the meeting in the months after April 2024.",
        "México y los Estados Unidos tienen previsto celebrar la reunión en los meses posteriores a abril de 2024.",
    ),
]
RIGHT_LATER = [
    (
        make_fact("advance", "cooperation", "la cooperación", relation="since", date_edtf="2021-09", **CITED),
        "The United States and Mexico had advanced cooperation since September 2021.",
        "México y los Estados Unidos impulsaron la cooperación desde septiembre de 2021.",
    ),
    (
        make_fact("complete", modality="expected", relation="by", date_edtf="2024-09-21", **AIDED),
        "In April 2024, USAID expected to complete the study by September 21, 2024.",
        "En abril de 2024, la USAID preveía concluir el estudio para el 21 de septiembre de 2024.",
    ),
    (
        make_fact("complete", modality="planned", **MEXICO),
        "In April 2024, Mexico planned to complete the study.",
        "En abril de 2024, México tenía previsto concluir el estudio.",
    ),
    (
        make_fact("complete", modality="committed", **MEXICO),
        "In April 2024, Mexico committed to complete the study.",
        "En abril de 2024, México se comprometió a concluir el estudio.",
    ),
    (
        make_fact("complete", modality="deadline", **CITED),
        "In April 2024, the United States and Mexico were to complete the study.",
        "En abril de 2024, México y los Estados Unidos debían concluir el estudio.",
    ),
    (
        make_fact("coordinate", "their efforts", "sus esfuerzos", modality="under_way", **CITED),
        "In April 2024, the United States and Mexico were coordinating their efforts.",
        "En abril de 2024, México y los Estados Unidos coordinaban sus esfuerzos.",
    ),
    (
        make_fact("coordinate", "a dialogue", "un diálogo", modality="under_way", date_edtf="2024-03/..", **MEXICO),
        "In April 2024, Mexico had been coordinating a dialogue since March 2024.",
        "En abril de 2024, México coordinaba un diálogo desde marzo de 2024.",
    ),
    (
        make_fact("advance", "the work", "los trabajos", modality="under_way", date_edtf="2024-01/2024-05", **CITED),
        "Between January and May 2024, the United States and Mexico were advancing the work.",
        "Entre enero y mayo de 2024, México y los Estados Unidos impulsaban los trabajos.",
    ),
    (
        make_fact("rely", "supply chains", "cadenas", modality="under_way", **CITED),
        "In April 2024, the United States and Mexico relied on supply chains.",
        "En abril de 2024, México y los Estados Unidos dependían de cadenas.",
    ),
    (
        make_fact("plan", "no larger ports", "ninguna ampliación", modality="under_way", **MEXICO),
        "In April 2024, Mexico planned no larger ports.",
        "En abril de 2024, México no contemplaba ninguna ampliación.",
    ),
    (
        make_fact(
            "hold",
            "the meeting",
            "la reunión",
            modality="planned",
            date_wording_en="the next few months",
            date_wording_es="los próximos meses",
            **CITED,
        ),
        "In April 2024, the United States and Mexico planned to hold the meeting in the following months.",
        "En abril de 2024, México y los Estados Unidos tenían previsto celebrar la reunión en los meses siguientes.",
    ),
    (
        make_fact("complete", date_edtf="2024-01", **AIDED),
        "USAID completed the study in January 2024.",
        "La USAID concluyó el estudio en enero de 2024.",
    ),
]


@pytest.mark.parametrize(("fact", "english", "spanish"), RIGHT_SENTENCES)
def test_a_sentence_says_what_the_text_says(fact, english, spanish):
    assert make_sentence(fact, names=KINDS) == (english, spanish)


@pytest.mark.parametrize(("fact", "english", "spanish"), RIGHT_LATER)
def test_after_the_day_of_its_text_a_sentence_is_told_in_the_past(fact, english, spanish):
    assert make_sentence(fact, names=LATER) == (english, spanish)


WHERE = [
    # English name, Spanish name, kind, and where it is said to be.
    (
        "New Otay Mesa crossing",
        "Nuevo cruce de Otay Mesa",
        "crossing",
        "at the new Otay Mesa crossing",
        "el nuevo cruce de",
    ),
    (
        "Rio Bravo-Donna International Bridge",
        "Puente Internacional Río Bravo-Donna",
        "crossing",
        "at the Rio",
        "el Puente I",
    ),
    (
        "Donna Port of Entry",
        "Puerto de entrada Donna",
        "port_of_entry",
        "at the Donna Port of Entry",
        "el puerto de entrada",
    ),
    ("New Mexico", "Nuevo México", "state", "in New Mexico", "Nuevo México"),
    ("Nuevo León", "Nuevo León", "state", "in Nuevo León", "Nuevo León"),
    (
        "Southeastern United States",
        "Sureste de los Estados Unidos",
        "region",
        "in the southeastern U",
        "el sureste de los",
    ),
    (
        "Southern border of Mexico",
        "Frontera sur de México",
        "region",
        "on the southern border of Mexico",
        "la frontera sur",
    ),
    (
        "U.S.-Mexico border region",
        "Región fronteriza",
        "region",
        "in the U.S.-Mexico border region",
        "la región fronteriza",
    ),
    ("Isthmus of Tehuantepec", "Istmo de Tehuantepec", "region", "in the isthmus of Tehuantepec", "el istmo de"),
    ("Caribbean", "Caribe", "region", "in the Caribbean", "el Caribe"),
    ("the Americas", "las Américas", "region", "in the Americas", "las Américas"),
    ("El Paso", "El Paso", "city", "in El Paso", "El Paso"),
]


@pytest.mark.parametrize(("english", "spanish", "kind", "right_english", "right_spanish"), WHERE)
def test_a_place_keeps_its_article_and_its_preposition(english, spanish, kind, right_english, right_spanish):
    names = Names({("place", "here"): place(english, spanish, kind)})
    assert names.located(["here"], "en").startswith(right_english)
    assert names.located(["here"], "es").startswith(f"en {right_spanish}")
