"""Letters at the desk: recommendations officers read them, each side what is for it, and nobody else anything."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from hled_portal.dashboard import registry
from hled_portal.models import Removal
from hled_portal.tests import factories as make
from hled_portal.tests.pages import error_texts, form_data, get_form, page
from initiatives.editions.deletion import DELETED_ROW, delete_again
from stakeholders.models import (
    Area,
    Asking,
    Attachment,
    Campaign,
    Consultation,
    ConsultationEdition,
    FileOfLetters,
    Letter,
    Recommendation,
    Response,
    ResponseDraft,
    Tag,
)
from stakeholders.triage import consultations

pytestmark = pytest.mark.django_db
SECRET = "zumbaqui"
STRANGERS = {
    "no role": ("stranger", (), {}),
    "US editor": ("beth", ("editor",), {}),
    "MX editor": ("ana", ("editor",), {}),
    "US officer": ("carl", ("officer",), {}),
    "MX officer": ("luis", ("officer",), {}),
    "recommendations of no delegation": ("zoe", ("recommendations",), {}),
    "auditor of US": ("for-us", ("auditor",), {"audits": "US"}),
    "auditor of both": ("joint", ("auditor",), {"audits": "joint"}),
    "administrator": ("sam", ("administrator",), {}),
    "superuser": ("root", (), {"is_superuser": True}),
}


@pytest.fixture
def cast():
    return make.make_officers()


@pytest.fixture
def letter(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }
    made = make.make_letter(
        f"Abran {SECRET} la ventanilla.", organization=f"Universidad {SECRET}", email="eva@example.org"
    )
    for order, side in enumerate(("US", "MX", "joint"), 1):
        made.parts.create(order=order, text=f"part for {side}", addressed=side)
        made.corrections.create(text=f"correction for {side}", addressed=side, once_digest=str(order))
        row = Attachment(letter=made, name=f"file-{side}.txt", kind="txt", size=3, digest=side, addressed=side)
        row.file.save("file", ContentFile(b"abc"), save=False)
        row.save()
    return made


@pytest.fixture
def recommendation(cast, letter):
    made = make.make_recommendation(cast.rosa, letter, summary_en=f"Open {SECRET}.", summary_es=f"Abrir {SECRET}.")
    made.tags.add(Tag.objects.create(key="tag", name_en=f"tag {SECRET}", name_es=f"etiqueta {SECRET}"))
    made.campaign = Campaign.objects.create(key="campaign", name_en=f"campaign {SECRET}", name_es=f"campaña {SECRET}")
    made.save()
    made.notes.create(delegation="MX", author=cast.rosa, text="a note of Mexico")
    made.drafts.create(side="MX", text_es=f"Respuesta {SECRET}", original_language="es")
    return made


def as_user(client, name: str):
    username, roles, columns = STRANGERS[name]
    client.force_login(make.make_user(username, *roles, **columns))
    return client


def addresses(recommendation) -> list[str]:
    """Every page of the desk that would tell something of this letter."""
    letter, draft = Letter.objects.get(), ResponseDraft.objects.get()
    found = [page(model, "changelist") for model in (Letter, Recommendation, ResponseDraft, Tag, Campaign)]
    found += [f"{address}?q={SECRET}" for address in found]
    for row in (letter, recommendation, draft, *Tag.objects.all(), *Campaign.objects.all()):
        found += [page(type(row), "change", row.pk), page(type(row), "history", row.pk)]
    found += [page(Letter, "split", letter.pk), page(Recommendation, "group", recommendation.pk)]
    found += [page(Recommendation, "edit", recommendation.pk), page(ResponseDraft, "propose", draft.pk)]
    found += [reverse("admin:stakeholders_letter_file", args=[letter.pk, row.pk]) for row in letter.attachments.all()]
    found += [reverse("admin:stakeholders_letter_take_over"), page(Letter, "similar", letter.pk)]
    found += [reverse("admin:stakeholders_letter_export", args=[form]) for form in ("csv", "xlsx")]
    for model, name in ((Recommendation, "tags"), (Recommendation, "campaign"), (Asking, "letter")):
        asked = f"?app_label=stakeholders&model_name={model._meta.model_name}&field_name={name}&term={SECRET}"
        found.append(reverse("admin:autocomplete") + asked)
    return found


def test_nobody_else_reads_a_word_or_learns_that_there_is_a_letter(client, recommendation):
    for stranger in STRANGERS:
        as_user(client, stranger)
        for address in addresses(recommendation):
            answer = client.get(address)
            assert answer.status_code in (302, 403, 404), (stranger, address)
            assert SECRET not in answer.content.decode(), (stranger, address)
        for address in (reverse("admin:index"), reverse("admin:app_list", args=["stakeholders"])):
            text = client.get(address).content.decode()
            assert SECRET not in text, stranger
            assert "stakeholders/letter" not in text, stranger
            assert "stakeholders/recommendation/" not in text, stranger


def test_nobody_else_changes_anything(client, recommendation):
    for stranger in STRANGERS:
        with transaction.atomic():  # What one wrote is not there for the next.
            assert_changes_nothing(as_user(client, stranger), recommendation, stranger)
            transaction.set_rollback(True)


def assert_changes_nothing(client, recommendation, stranger: str) -> None:
    letter = Letter.objects.get()
    before = list(Recommendation.objects.values()), list(Letter.objects.values())
    for verb in ("note", "restrict", "lift", "answer-objection"):
        client.post(page(Letter, verb, letter.pk), {"note": "x", "restriction": "abuse", "reason": "x"})
    for verb in ("consider", "assign", "due", "note", "restrict", "publish", "take-off", "part", "answer"):
        data = {"note": "x", "restriction": "abuse", "due": "2030-01-01", "side": "joint", "reason": "x"}
        client.post(page(Recommendation, verb, recommendation.pk), data)
    client.post(page(Letter, "accept", letter.pk))
    client.post(page(Letter, "similar", letter.pk), {"letter": letter.pk})
    for action in ("accept_points", "assign_many", "tag_many", "respond_to_many"):
        chosen = {"action": action, "_selected_action": letter.pk, "confirmed": "yes"}
        client.post(page(Letter, "changelist"), chosen | {"tags": "tag"})
    client.post(page(Letter, "split", letter.pk), {"count": "1", "text_1": "Abran"})
    client.post(page(Recommendation, "edit", recommendation.pk), {"summary_en": "x"})
    client.post(page(ResponseDraft, "change", ResponseDraft.objects.get().pk), {"text_en": "x"})
    client.post(page(ResponseDraft, "propose", ResponseDraft.objects.get().pk))
    file = SimpleUploadedFile("x.csv", b"number,text_1\n1,x\n")
    client.post(
        reverse("admin:stakeholders_letter_take_over"), {"file": file, "channel": "sheet", "consent": "nothing"}
    )
    assert (list(Recommendation.objects.values()), list(Letter.objects.values())) == before, stranger
    assert not Response.objects.exists(), stranger
    assert not FileOfLetters.objects.exists(), stranger
    assert recommendation.notes.count() == 1, stranger


@pytest.mark.parametrize(("name", "side", "other"), [("rosa", "MX", "US"), ("ruth", "US", "MX")])
def test_a_confidential_part_is_read_by_those_it_is_for(client, cast, letter, name, side, other):
    client.force_login(getattr(cast, name))
    answer = client.get(page(Letter, "change", letter.pk))
    text = answer.content.decode()
    for what in ("part for", "correction for"):
        assert f"{what} {side}" in text
        assert f"{what} joint" in text
        assert f"{what} {other}" not in text
    assert f"file-{side}.txt" in text
    assert f"file-{other}.txt" not in text
    assert "no-store" in answer["Cache-Control"]
    read = list(letter.corrections.filter(read_at__isnull=False).values_list("addressed", flat=True))
    assert sorted(read) == sorted([side, "joint"])


def test_a_file_is_saved_and_never_shown_and_who_took_it_is_kept(client, cast, letter):
    client.force_login(cast.rosa)
    files = {
        row.addressed: reverse("admin:stakeholders_letter_file", args=[letter.pk, row.pk])
        for row in letter.attachments.all()
    }
    answer = client.get(files["MX"])
    assert b"".join(answer) == b"abc"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert LogEntry.objects.get().user == cast.rosa
    assert client.get(files["US"]).status_code == 404
    assert client.get(reverse("admin:stakeholders_letter_file", args=[letter.pk, 10**30])).status_code == 404
    letter.attachments.update(scan="infected")
    assert client.get(files["MX"]).status_code == 403
    assert LogEntry.objects.count() == 1
    client.force_login(cast.ruth)
    history = client.get(page(Letter, "history", letter.pk)).content.decode()
    assert "Downloaded" not in history


def test_notes_assignments_and_drafts_are_of_one_side(client, cast, recommendation):
    client.force_login(cast.rosa)
    client.post(page(Recommendation, "assign", recommendation.pk), {"to": cast.rosa.pk})
    client.force_login(cast.ruth)
    text = client.get(page(Recommendation, "change", recommendation.pk)).content.decode()
    assert "a note of Mexico" not in text
    assert "Respuesta" not in text
    draft = recommendation.drafts.get()
    assert client.get(page(ResponseDraft, "change", draft.pk)).status_code in (302, 403, 404)
    assert recommendation.key not in client.get(page(Recommendation, "changelist"), {"work": "ours"}).content.decode()
    assert "0 " in client.get(page(ResponseDraft, "changelist")).content.decode()
    recommendation.drafts.update(shared=True)
    answer = client.get(page(ResponseDraft, "change", draft.pk))
    assert "Respuesta" in answer.content.decode()
    client.post(page(ResponseDraft, "change", draft.pk), {"text_es": "Otra"})
    assert recommendation.drafts.get().text_es.startswith("Respuesta")


def test_the_queue_is_of_a_delegation_and_of_a_pillar(client, cast, recommendation):
    pillar = make.make_pillar(2)
    other = make.make_recommendation(cast.ruth, make.make_letter("Otra cosa distinta."), pillar=pillar)
    client.force_login(cast.rosa)
    client.post(page(Recommendation, "assign", recommendation.pk), {"to": cast.rosa.pk})

    def listed(**query) -> set[str]:
        return {row.key for row in client.get(page(Recommendation, "changelist"), query).context["cl"].result_list}

    assert listed(work="mine") == {recommendation.key}
    assert listed(work="nobody") == {other.key}
    assert listed(pillar__id__exact=pillar.pk) == {other.key}
    assert listed(standing="waiting") == {recommendation.key, other.key}
    assert listed(standing="answered") == set()
    assert listed(q=SECRET) == {recommendation.key}


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_asks_as_often_for_one_as_for_thirty(client, cast, number, django_assert_num_queries):
    for n in range(number):
        make.make_recommendation(cast.rosa, make.make_letter(f"Punto {n}."))
    client.force_login(cast.rosa)
    with django_assert_num_queries(12):
        client.get(page(Recommendation, "changelist"))


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_asks_as_often_for_one_letter_as_for_thirty(client, cast, number, django_assert_num_queries):
    recommendation = make.make_recommendation(cast.rosa)
    for n in range(number):
        recommendation.askings.create(letter=make.make_letter(f"Punto {n}."), text="x", language="es")
    client.force_login(cast.rosa)
    with django_assert_num_queries(21):
        client.get(page(Recommendation, "change", recommendation.pk))


# Splitting


def test_a_letter_is_split_on_its_page_and_one_part_joins_what_is_alike(client, cast, recommendation):
    letter = make.make_letter(f"Abran {SECRET} la ventanilla!", "Publiquen los tiempos de espera.")
    client.force_login(cast.ruth)
    answer = client.get(page(Letter, "split", letter.pk))
    assert f"Merge with {recommendation.key}" in answer.content.decode()
    data = {"count": "2", "point_1": "1", "text_1": letter.points.first().text, "into_1": recommendation.key}
    data |= {"point_2": "2", "text_2": "Publiquen los tiempos"}
    answer = client.post(page(Letter, "split", letter.pk), data, follow=True)
    assert error_texts(answer) == ["2 recommendations were created from it."]
    assert recommendation.askings.count() == 2
    assert Recommendation.objects.exclude(pk=recommendation.pk).get().text == "Publiquen los tiempos"


def test_what_is_refused_keeps_what_was_typed(client, cast, letter):
    client.force_login(cast.rosa)
    answer = client.post(page(Letter, "split", letter.pk), {"count": "1", "text_1": "Cierren la puerta."})
    assert "does not match the submission word for word." in error_texts(answer)[0]
    assert "Cierren la puerta." in answer.content.decode()
    answer = client.post(page(Letter, "split", letter.pk), {"count": "1", "text_1": "Abran", "key_1": "r-9999-1"})
    assert "does not exist." in error_texts(answer)[0]
    answer = client.post(page(Letter, "split", letter.pk), {"count": "1", "text_1": "Abran", "more": "yes"})
    assert len(answer.context["rows"]) == 2
    assert not Recommendation.objects.exists()


@pytest.mark.parametrize("count", ["", "x", "-1", "99999999999", "²"])
def test_a_forged_count_breaks_nothing(client, cast, letter, count):
    client.force_login(cast.rosa)
    assert client.post(page(Letter, "split", letter.pk), {"count": count}).status_code == 200


# Verbs


def test_each_verb_does_its_work_and_says_so(client, cast, recommendation):
    client.force_login(cast.rosa)

    def do(verb: str, **data) -> str:
        return error_texts(client.post(page(Recommendation, verb, recommendation.pk), data, follow=True))[-1]

    day = timezone.localdate() + datetime.timedelta(days=30)
    assert do("assign", to=cast.rosa.pk) == "Assigned to rosa."
    assert do("assign", to=cast.ruth.pk) == "Assign it to a recommendations officer in your own delegation."
    assert do("due", due=day.isoformat()) == "The response due date is set."
    assert do("due", due="tomorrow").startswith("Enter the date as year-month-day, for example 2026-11-30.")
    assert do("note", note="Ask Sonora.") == "The note was saved. Only your delegation can read it."
    assert do("part", asking="99999", reason="x") == "This submission is no longer linked to it."
    assert do("restrict", restriction="") == "Select a reason for the restriction."
    assert (
        do("restrict", restriction="security")
        == "The recommendation is restricted and was removed from the public pages."
    )
    assert do("consider").endswith("This step is not possible: review started.")
    assert do("lift", reason="Mended.") == "The restriction was removed."
    recommendation.refresh_from_db()
    assert (recommendation.state, recommendation.answer_due) == ("considered", day)


def test_it_is_published_on_two_clearances_on_its_page_once_the_second_is_confirmed(client, cast, recommendation):
    address = page(Recommendation, "publish", recommendation.pk)
    client.force_login(cast.rosa)
    seen = {"seen": client.get(page(Recommendation, "change", recommendation.pk)).context["digest"], "word": "Read."}
    answer = client.post(address, seen, follow=True)
    assert "Approved by your delegation." in error_texts(answer)[-1]
    client.force_login(cast.ruth)
    asked = client.post(address, seen).content.decode()
    assert "With your approval they become public immediately" in asked
    assert recommendation.summary_es in asked
    assert f'name="word" value="{seen["word"]}"' in asked
    assert recommendation.published.published_at is None
    answer = client.post(address, seen | {"confirmed": "yes"}, follow=True)
    assert "Approved by both delegations and published." in error_texts(answer)[-1]
    recommendation.published.refresh_from_db()
    assert recommendation.published.published_at


def test_what_was_never_published_and_is_not_in_use_is_deleted(client, cast, recommendation):
    names = {"key": "free", "name_en": "Free", "name_es": "Libre"}
    free = [model.objects.create(**names) for model in (Tag, Campaign, Area)]
    call, waiting = (make.make_consultation(key, is_public=False) for key in ("wrong", "waiting"))
    consultations.propose_consultation(make.agreed(waiting), cast.rosa)
    asked = make.make_consultation("asked", is_public=False)
    Letter.objects.update(consultation=asked)
    draft = recommendation.drafts.get()

    def delete(row):
        answer = client.post(page(type(row), "delete", row.pk), {"post": "yes"}, follow=True)
        return type(row).objects.filter(pk=row.pk).exists(), answer.content.decode()

    client.force_login(cast.ruth)  # Mexico writes this draft, and did not share it.
    assert delete(draft)[0]
    client.force_login(cast.rosa)
    for row in (waiting, asked, recommendation.tags.get(), recommendation.campaign):
        stays, html = delete(row)
        assert stays
        assert "It cannot be deleted." in html
    for row in (*free, call, draft):
        assert page(type(row), "delete", row.pk) in client.get(page(type(row), "change", row.pk)).content.decode()
        assert not delete(row)[0]
    removals = Removal.objects.filter(kind=DELETED_ROW)
    assert removals.count() == 5
    (tag,) = removals.filter(name__startswith="stakeholders.tag ")
    restored = Tag.objects.create(pk=tag.name.split()[1], **names)
    delete_again(tag.name, tag.detail)
    assert not Tag.objects.filter(pk=restored.pk).exists()


def test_summary_and_links_are_edited_and_seen_by_who_saves_next(client, cast, recommendation):
    client.force_login(cast.rosa)
    address = page(Recommendation, "edit", recommendation.pk)
    data = form_data(get_form(client, address))
    client.force_login(cast.ruth)
    client.post(address, form_data(get_form(client, address)) | {"summary_en": "Open it."})
    client.force_login(cast.rosa)
    client.post(address, data | {"summary_en": "Shut it."})
    recommendation.refresh_from_db()
    assert recommendation.summary_en == "Open it."


def test_alike_ones_are_joined_or_put_into_a_new_campaign(client, cast, recommendation):
    letters = [make.make_letter(f"Abran {SECRET} la ventanilla {n}.") for n in range(2)]
    same, other = (make.make_recommendation(cast.rosa, letter) for letter in letters)
    client.force_login(cast.rosa)
    address = page(Recommendation, "group", recommendation.pk)
    answer = client.get(address)
    assert {alike.recommendation.key for alike in answer.context["suggestions"]} == {same.key, other.key}
    client.post(address, {"row": [same.key], "join": "yes"})
    assert recommendation.askings.count() == 2
    names = {"key": "open-it", "name_en": "Open it", "name_es": "Ábranla"}
    client.post(address, {"keys": other.key, "group": "yes", **names})
    assert Campaign.objects.get(key="open-it").recommendations.count() == 2
    answer = client.post(address, {"keys": "r-1-1", "join": "yes"})
    assert error_texts(answer)[-1] == "The recommendation “r-1-1” does not exist."


# Answering


def test_an_answer_is_written_proposed_and_read_by_officers(client, cast, recommendation):
    client.force_login(cast.rosa)
    answer = client.post(page(Recommendation, "answer", recommendation.pk), {"side": "joint"})
    draft = ResponseDraft.objects.get(side="joint")
    assert answer["Location"] == page(ResponseDraft, "change", draft.pk)
    text = client.get(page(ResponseDraft, "propose", draft.pk)).content.decode()
    assert "Choose an outcome." in text
    data = form_data(get_form(client, answer["Location"]))
    data |= {"outcome": "adopted", "text_en": "Done.", "text_es": "Hecho.", "translation_state": "agreed"}
    client.post(answer["Location"], data)
    answer = client.get(page(ResponseDraft, "propose", draft.pk))
    assert answer.context["refusals"] == []
    answer = client.post(
        page(ResponseDraft, "propose", draft.pk), {"seen": answer.context["seen"], "reason": "Read."}, follow=True
    )
    caption = f"Response of both governments to recommendation {recommendation.key}"
    assert error_texts(answer) == [f"Proposed for approval: {caption}."]
    response = Response.objects.get()
    client.force_login(make.make_user("luis", "officer"))
    text = client.get(page(Response, "change", response.pk)).content.decode()
    assert f"Open {SECRET}." in text
    assert f"Abran {SECRET} la ventanilla" not in text
    for language, words in (("en", "Done."), ("es", "Hecho.")):
        shown = client.get(reverse("admin:stakeholders_response_preview", args=[response.pk, language]))
        assert words in shown.content.decode()
    client.post(page(Response, "key", response.pk), {f"seen_{response.pk}": response.digest, "word": "Read."})
    response.refresh_from_db()
    assert response.mx_officer.username == "luis"


def test_the_other_side_does_not_begin_the_answer_of_a_side(client, cast, recommendation):
    client.force_login(cast.ruth)
    assert client.post(page(Recommendation, "answer", recommendation.pk), {"side": "MX"}).status_code == 403


# The first page


def test_the_panel_tells_officers_what_waits_and_nobody_else(client, cast, recommendation):
    recommendation.answer_due = datetime.date(2026, 1, 1)
    recommendation.save()
    make.make_letter("Nueva carta.")
    visit = registry.PanelContext(cast.rosa, timezone.now())
    panel = registry.build_panel("recommendations", visit)
    assert panel.count == 2
    assert panel.lines[0].late
    for name, (username, roles, columns) in STRANGERS.items():
        user = make.make_user(username, *roles, **columns)
        assert registry.build_panel("recommendations", registry.PanelContext(user, timezone.now())) is None, name


# Consultations


def test_a_consultation_is_written_proposed_approved_and_published(client, cast):
    client.force_login(cast.rosa)
    data = form_data(get_form(client, page(Consultation, "add")))
    data |= {"key": "ict", "title_en": "ICT", "text_en": "Write to us.", "opens": "2026-01-01", "_propose": "yes"}
    shown = client.post(page(Consultation, "add"), data, follow=True).content.decode()
    row = Consultation.objects.get()
    assert "title (Spanish)" in shown
    assert "It cannot be proposed yet" in shown
    data = form_data(get_form(client, page(Consultation, "change", row.pk)))
    data |= {"title_es": "TIC", "text_es": "Escríbanos.", "translation_state": "agreed", "_propose": "yes"}
    shown = client.post(page(Consultation, "change", row.pk), data, follow=True)
    answer = client.post(page(Consultation, "propose", row.pk), {"seen": shown.context["seen"]}, follow=True)
    assert error_texts(answer) == ["Proposed for approval: Consultation: ICT."]
    text, officers = ConsultationEdition.objects.get(), make.make_cast()
    for officer in (officers.luis, officers.carl):
        client.force_login(officer)
        client.post(page(ConsultationEdition, "key", text.pk), {f"seen_{text.pk}": text.digest})
    assert "Escríbanos." not in client.get("/es/recommendations/consultations/ict/").content.decode()
    client.post(page(ConsultationEdition, "release", text.pk), {f"seen_{text.pk}": text.digest})
    assert "Escríbanos." not in client.get("/es/recommendations/consultations/ict/").content.decode()
    client.post(page(ConsultationEdition, "release", text.pk), {"confirmed": "yes"})
    assert "Escríbanos." in client.get("/es/recommendations/consultations/ict/").content.decode()
    client.force_login(cast.rosa)
    assert client.get(page(Area, "changelist")).status_code == 200
    assert "open" in client.get(page(Consultation, "changelist")).content.decode()
