"""The tables of docs/permissions.md, cell by cell: every role on every page of the staff site."""

import re
from contextlib import nullcontext
from copy import deepcopy
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hled_portal.models import AccountChange, JobState, Mail, PreviewLink, Publication, ReleasePlan, Remark, User
from hled_portal.publishing.canonical_json import digest
from hled_portal.tests import factories as make
from hled_portal.tests.pages import form_data, page, without_rendering
from hled_portal.tests.plugin import rolled_back
from initiatives.editions import freezing, proposing
from initiatives.models import (
    Citation,
    Cycle,
    Edition,
    Fact,
    FactSheet,
    FactSheetDraft,
    FileJob,
    Initiative,
    Staff,
    Topic,
)
from stakeholders.models import (
    Consultation,
    ConsultationEdition,
    FileOfLetters,
    Letter,
    Note,
    Recommendation,
    Response,
    ResponseDraft,
)
from stakeholders.triage import consultations

pytestmark = [pytest.mark.usefixtures("kept_connection"), pytest.mark.django_db]
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "permissions.md"
ROLES = {
    "anonymous": None,
    "no role": ("stranger", (), {}),
    "US editor": ("beth", ("editor",), {}),
    "MX editor": ("ana", ("editor",), {}),
    "US officer": ("carl", ("officer",), {}),
    "MX officer": ("luis", ("officer",), {}),
    "MX recommendations": ("rosa", ("recommendations",), {"delegation": "MX"}),
    "auditor of US": ("for-us", ("auditor",), {"audits": "US"}),
    "auditor of both": ("joint", ("auditor",), {"audits": "joint"}),
    "administrator": ("sam", ("administrator",), {}),
    "superuser": ("root", (), {"is_superuser": True}),
}


def tables() -> list[tuple[list[str], dict[str, list[str]]]]:
    """The tables of the document: columns, and cells by the first column."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE):
        head, _line, *rows = [[cell.strip() for cell in row.strip("|\n").split("|")] for row in block.splitlines()]
        found.append((head, {row[0]: row[1:] for row in rows}))
    return found


def written(number: int, role: str) -> dict[str, str]:
    """What a table of the document says of a role."""
    head, rows = tables()[number]
    place = head.index(role) - 1
    return {name: cells[place] for name, cells in rows.items()}


@pytest.fixture
def world(lasting_world, db):
    """Each test has objects of its own, which know nothing of what another did to their rows."""
    return deepcopy(lasting_world)


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    """One row of each kind, and one initiative with a fact of each side and of both, ready and not."""
    with rolled_back(django_db_blocker):
        yield make_world()


def make_world() -> tuple[dict, dict]:
    keeper, author = make.make_user("keeper"), make.make_user("author", "editor", delegation="MX")
    initiative = make.make_initiative()
    rows = {"S": initiative}
    for letter, side, ready in (("U", "US", 1), ("M", "MX", 1), ("J", "joint", 1), ("u", "US", 0), ("m", "MX", 0)):
        key = f"{side.lower()}-{'ready' if ready else 'draft'}"
        rows[letter] = make.make_fact(initiative, key, side=side, ready=bool(ready), object_en=f"first of {key}")
    for row in rows.values():
        row.save()
    topic = make.agreed(make.make_topic())
    (edition,) = proposing.propose("topic", topic.key, author)
    public = make.make_joint_text("ports")
    job = FileJob.objects.create(owner=keeper, table="topics", name="t.csv", language="en", content=b"[]", rows_all=0)
    others = {
        Edition: edition,
        ReleasePlan: ReleasePlan.objects.create(name="Ministerial", created_by=author),
        Publication: public.release,
        User: keeper,
        Group: Group.objects.get(name="editor"),
        JobState: JobState.objects.create(name="send mail", due_at="2024-04-19T18:00Z"),
        Mail: Mail.objects.create(event="x"),
        FileJob: job,
        Staff: Staff.objects.create(user=keeper, organization=make.make_organization()),
    }
    others |= of_stakeholders() | of_fact_sheets(author)
    return rows, others | {"follower": make.make_follower(), "public": public}


def of_fact_sheets(author) -> dict:
    """A public meeting, and a fact sheet of it that waits for its approvals."""
    meeting = make.agreed(make.make_meeting(cycle=Cycle.objects.get()))
    frozen = freezing.freeze("meeting", meeting.key)
    make.make_joint_text(meeting.key, content=frozen, subject_kind="meeting", subject_key=meeting.key)
    return {FactSheet: make.make_fact_sheet(author)}


def of_stakeholders() -> dict:
    """A letter of which a recommendation was made, with an answer that waits for its keys and a draft of another."""
    ruth = make.make_user("ruth", "recommendations", delegation="US")
    recommendation = make.make_recommendation(ruth)
    letter = recommendation.askings.get().letter
    content = '{"initiatives":[],"outcome":"adopted","text_en":"Yes.","text_es":"Sí."}'
    response = Response.objects.create(
        recommendation_key=recommendation.key, side="joint", content=content, digest=digest(content), author=ruth
    )
    call = make.agreed(make.make_consultation(is_public=False))
    return {
        Letter: letter,
        Recommendation: recommendation,
        Response: response,
        Consultation: call,
        ConsultationEdition: consultations.propose_consultation(call, ruth),
        ResponseDraft: recommendation.drafts.create(side="joint"),
        FileOfLetters: FileOfLetters.objects.create(owner=ruth, name="x.csv", channel="sheet", content=b"x"),
        "attachment": letter.attachments.create(
            name="x.txt", kind="txt", size=1, digest="1", scan="clean", file=ContentFile(b"x", "x")
        ),
    }


def sign_in(client, role: str):
    if ROLES[role] is None:
        return
    name, roles, columns = ROLES[role]
    client.force_login(User.objects.filter(username=name).first() or make.make_user(name, *roles, **columns))


def written_out(role: str):
    """One role gets the pages themselves; the crawls of this folder read them as the others do."""
    return nullcontext() if role == "MX editor" else without_rendering()


def context_of(answer) -> dict:
    return getattr(answer, "context_data", None) or {}


def answered(answer) -> str:
    """`yes`, `no`, or `sign in` where the answer sends there."""
    if answer.status_code == 302 and "/admin/login/" in answer["Location"]:
        return "sign in"
    return "no" if answer.status_code in (403, 404) else "yes"


# Rows of the record


def listed(client, rows) -> str:
    found = ""
    for model in (Initiative, Fact):
        answer = client.get(page(model, "changelist"))
        if answer.status_code == 200:
            shown = set(answer.context_data["cl"].result_list)
            found += "".join(letter for letter, row in rows.items() if row in shown)
    return found


def completed(client, rows) -> str:
    found = ""
    for model, field, source in ((Fact, "initiative", Initiative), (Citation, "fact", Fact)):
        asked = {"app_label": "initiatives", "model_name": model._meta.model_name, "field_name": field}
        answer = client.get(reverse("admin:autocomplete"), asked)
        if answer.status_code == 200:
            shown = {int(found["id"]) for found in answer.json()["results"]}
            found += "".join(n for n, row in rows.items() if type(row) is source and row.pk in shown)
    return found


def exported(client, rows) -> str:
    found = ""
    for model in (Initiative, Fact):
        answer = client.post(page(model, "export"), {"form": "json"})
        if answer.status_code == 200:
            text = b"".join(answer).decode()
            found += "".join(n for n, row in rows.items() if type(row) is model and f'"{row.key}"' in text)
    return found


def sent_in(client, rows) -> str:
    """For which rows a file with a change of them passes the check."""
    found = ""
    for letter, row in rows.items():
        text = f"key,title_en\n{row.key},Changed\n"
        if letter != "S":
            text = f"subject,key,object_en\ninitiative/{row.initiative.key},{row.key},Changed\n"
        file = SimpleUploadedFile("rows.csv", text.encode(), "text/csv")
        before = set(FileJob.objects.values_list("pk", flat=True))
        client.post(page(type(row), "import"), {"file": file})
        job = FileJob.objects.exclude(pk__in=before).first()
        found += letter if job is not None and job.changed == 1 and not job.wrong else ""
    return found


def opened(name: str):
    """For which rows a page of theirs opens."""

    def judge(client, rows) -> str:
        return "".join(n for n, row in rows.items() if client.get(page(type(row), name, row.pk)).status_code == 200)

    return judge


def with_history(client, rows) -> str:
    found = ""
    for letter, row in rows.items():
        answer = client.get(page(type(row), "history", row.pk))
        own = [line for line in context_of(answer).get("lines", ()) if line["row"] == row.pk]
        found += letter if own else ""
    return found


def taken_back(client, rows) -> str:
    versions = {letter: row.history.last().pk for letter, row in rows.items()}
    return "".join(
        n for n, row in rows.items() if client.get(page(type(row), "revert", row.pk, versions[n])).status_code == 200
    )


def saved(client, rows) -> str:
    found = ""
    for letter, row in rows.items():
        address = page(type(row), "change", row.pk)
        answer = client.get(address)
        data = form_data(answer) if "adminform" in context_of(answer) else {}
        column = "title_en" if letter == "S" else "object_en"
        client.post(address, data | {column: "Changed by hand"})
        row.refresh_from_db()
        found += letter if getattr(row, column) == "Changed by hand" else ""
    return found


def deleted(client, rows) -> str:
    """The facts first: nothing is deleted while rows of another delegation hang on it."""
    for row in reversed(rows.values()):
        client.post(page(type(row), "delete", row.pk), {"post": "yes"})
    return "".join(letter for letter, row in rows.items() if not type(row).objects.filter(pk=row.pk).exists())


ROWS = {
    "in lists, counts and search": listed,
    "suggested while typing (autocomplete)": completed,
    "in exported files": exported,
    "record page": opened("change"),
    "history": with_history,
    "changed by an import": sent_in,
    "restored to an earlier state": taken_back,
    "changed on its page": saved,
    "deleted": deleted,
}


@pytest.mark.parametrize("role", ROLES)
def test_rows_of_the_record(world, client, role):
    rows, _others = world
    sign_in(client, role)
    with written_out(role):
        found = {name: judge(client, rows) or "–" for name, judge in ROWS.items()}
    assert found == written(0, role)


# Pages


def _get(name: str, *args, **query):
    return lambda client, others: client.get(reverse(f"admin:{name}", args=[others.get(a, a) for a in args]), query)


def _get_row(name: str, model, *more):
    return lambda client, others: client.get(reverse(f"admin:{name}", args=[others[model].pk, *more]))


def _post_row(name: str, model):
    return lambda client, others: client.post(reverse(f"admin:{name}", args=[others[model].pk]))


def _subject(name: str):
    return lambda client, others: client.get(
        reverse(f"admin:{name}", args=[Initiative.objects.get().pk if "topic" not in name else _topic().pk])
    )


def _topic():
    return Topic.objects.get()


def _done(verb: str, **typed):
    """Whether a verb of a text moves it: a text that waits, one with both keys, or a public one, as the verb needs."""

    def judge(client, others) -> str:
        text = others["public" if verb == "withdraw" else Edition]
        data = {f"seen_{text.pk}": text.digest} | typed
        answer = client.post(reverse(f"admin:initiatives_edition_{verb}", args=[text.pk]), data)
        if answered(answer) == "sign in":
            return "sign in"
        before = (text.state, text.us_digest, text.mx_digest)
        text.refresh_from_db()
        return "no" if before == (text.state, text.us_digest, text.mx_digest) else "yes"

    return judge


def _file_of_letter(client, others):
    attachment = others["attachment"]
    answer = client.get(reverse("admin:stakeholders_letter_file", args=[attachment.letter_id, attachment.pk]))
    answer.close()
    return answer


def _noted(name: str, model):
    """Whether a verb of a letter or a recommendation leaves its trace."""

    def judge(client, others) -> str:
        before = Note.objects.count()
        answer = client.post(reverse(f"admin:stakeholders_{name}_note", args=[others[model].pk]), {"note": "x"})
        if answered(answer) == "sign in":
            return "sign in"
        return "no" if Note.objects.count() == before else "yes"

    return judge


def _approved(name: str, model):
    """Whether an approval of a text is kept."""

    def judge(client, others) -> str:
        text = others[model]
        data = {f"seen_{text.pk}": text.digest}
        answer = client.post(reverse(f"admin:{name}_key", args=[text.pk]), data)
        if answered(answer) == "sign in":
            return "sign in"
        before = (text.us_digest, text.mx_digest)
        text.refresh_from_db()
        return "no" if before == (text.us_digest, text.mx_digest) else "yes"

    return judge


def _kept(name: str, model, **typed):
    """Whether what is posted to a page of the proposal leaves a row."""

    def judge(client, others) -> str:
        answer = client.post(reverse(f"admin:{name}", args=[others[Edition].pk]), typed)
        if answered(answer) == "sign in":
            return "sign in"
        return "yes" if model.objects.exists() else "no"

    return judge


def _started_draft(client, _others) -> str:
    answer = client.post(reverse("admin:hled_portal_fact_sheet", args=["2024-04-19"]), {"start": "1"})
    if answered(answer) == "sign in":
        return "sign in"
    return "yes" if FactSheetDraft.objects.exists() else "no"


def _approved_account_change(client, _others) -> str:
    requester = make.make_user("requester", "administrator")
    owner = make.make_user("changed", "officer", delegation="US")
    change = AccountChange.objects.create(user=owner, requested_by=requester, kind="password", password="!new")
    data = {"action": "approve_changes", "_selected_action": change.pk}
    answer = client.post(reverse("admin:hled_portal_accountchange_changelist"), data)
    if answered(answer) == "sign in":
        return "sign in"
    return "no" if AccountChange.objects.exists() else "yes"


#: Each row of the second table: what is asked.
PAGES = {
    "sign-in page": _get("login"),
    "dashboard": _get("index"),
    "list of tables of an app": _get("app_list", "initiatives"),
    "a panel of the dashboard": _get("hled_portal_panel", "my-key"),
    "guide": _get("hled_portal_guide"),
    "missing information": _get("hled_portal_completeness"),
    "log": _get("hled_portal_log"),
    "language": lambda client, _others: client.post(reverse("admin:hled_portal_language"), {"language": "es"}),
    "messages of scripts": _get("jsi18n"),
    "preview of a typed date": _get("initiatives_typed_date", text="spring 2024"),
    "public page of a record": _get("view_on_site", "1", "1"),
    "own password": _get("password_change"),
    "own password: confirmation": _get("password_change_done"),
    "records: list": _get("initiatives_topic_changelist"),
    "records: add": _get("initiatives_topic_add"),
    "items, reported values, date changes: add": _get("initiatives_fact_add"),
    "import": _get("initiatives_topic_import"),
    "blank template": _get("initiatives_topic_blank", "csv"),
    "export": _get("initiatives_topic_export"),
    "report progress": _subject("initiatives_fact_report"),
    "propose": _subject("initiatives_topic_propose"),
    "side-by-side translation": _subject("initiatives_topic_translations"),
    "another person's import: page": _get_row("initiatives_filejob_change", FileJob),
    "another person's import: errors": _get_row("initiatives_filejob_errors", FileJob),
    "another person's import: save, cancel, check again": _post_row("initiatives_filejob_confirm", FileJob),
    "imports: list": _get("initiatives_filejob_changelist"),
    "versions and proposals: list": _get("initiatives_edition_changelist"),
    "a version or proposal": _get_row("initiatives_edition_change", Edition),
    "a version or proposal: history": _get_row("initiatives_edition_history", Edition),
    "a proposal: preview": _get_row("initiatives_edition_preview", Edition, "en"),
    "a proposal: make or revoke a preview link": _kept("initiatives_edition_share", PreviewLink, recipient="Minister"),
    "a proposal: remarks": _kept("initiatives_edition_remark_leave", Remark, words="Which year?"),
    "texts awaiting approval": _get("initiatives_edition_queue"),
    "a proposal: approve": _done("key"),
    "a proposal: return": _done("return", comment="Say it in Spanish too."),
    "a published version: withdraw": _done("withdraw", reason="error"),
    "a version or proposal: change or delete": _get_row("initiatives_edition_delete", Edition),
    "a version or proposal: add": _get("initiatives_edition_add"),
    "fact sheets: list": _get("initiatives_factsheet_changelist"),
    "a fact sheet": _get_row("initiatives_factsheet_change", FactSheet),
    "fact sheets awaiting approval": _get("initiatives_factsheet_queue"),
    "a fact sheet: approve": _approved("initiatives_factsheet", FactSheet),
    "a fact sheet: change, add or delete": _get("initiatives_factsheet_add"),
    "the draft of a fact sheet": _get("hled_portal_fact_sheet", "2024-04-19"),
    "the draft of a fact sheet: a file": _get("hled_portal_fact_sheet_file", "2024-04-19", "en", "md"),
    "the draft of a fact sheet: edit": _started_draft,
    "scheduled releases: list": _get("hled_portal_releaseplan_changelist"),
    "a scheduled release": _get_row("hled_portal_releaseplan_change", ReleasePlan),
    "a scheduled release: add": _get("hled_portal_releaseplan_add"),
    "a scheduled release: edit, choose texts": _get_row("hled_portal_releaseplan_edit", ReleasePlan),
    "a scheduled release: its texts (DOCX)": _get_row("hled_portal_releaseplan_docx", ReleasePlan),
    "releases and publication log: list": _get("hled_portal_publication_changelist"),
    "releases and publication log: change or delete": lambda client, others: client.get(
        reverse("admin:hled_portal_release_delete", args=[others[Publication].pk])
    ),
    "accounts: list": _get("hled_portal_user_changelist"),
    "accounts: add": _get("hled_portal_user_add"),
    "an account": _get_row("hled_portal_user_change", User),
    "an account: password": _get_row("auth_user_password_change", User),
    "an account: history": _get_row("hled_portal_user_history", User),
    "an account: delete": _get_row("hled_portal_user_delete", User),
    "requested account changes: list": _get("hled_portal_accountchange_changelist"),
    "a requested account change: make it": _approved_account_change,
    "roles: list": _get("auth_group_changelist"),
    "a role": _get_row("auth_group_change", Group),
    "a role: add": _get("auth_group_add"),
    "a role: delete": _get_row("auth_group_delete", Group),
    "jobs and mail: list": _get("hled_portal_mail_changelist"),
    "jobs and mail: add, change or delete": _get_row("hled_portal_jobstate_delete", JobState),
    "sign-ins: list": _get("hled_portal_signin_changelist"),
    "subscribers: list": _get("stakeholders_follower_changelist"),
    "subscribers: delete": _get_row("stakeholders_follower_delete", "follower"),
    "subscribers: add": _get("stakeholders_follower_add"),
    "submissions: list": _get("stakeholders_letter_changelist"),
    "a submission": _get_row("stakeholders_letter_change", Letter),
    "a submission: history": _get_row("stakeholders_letter_history", Letter),
    "a submission: split": _get_row("stakeholders_letter_split", Letter),
    "a submission: similar ones": _get_row("stakeholders_letter_similar", Letter),
    "submissions: export": lambda client, *_rows: client.post(
        reverse("admin:stakeholders_letter_export", args=["csv"])
    ),
    "a submission: an attachment": _file_of_letter,
    "a submission: note, restrict, lift a restriction, respond to an objection": _noted("letter", Letter),
    "import submissions": _get("stakeholders_letter_take_over"),
    "another person's import of submissions": _get_row("stakeholders_letter_taken", FileOfLetters),
    "submissions, recommendations: add or delete": _get("stakeholders_recommendation_add"),
    "recommendations: list": _get("stakeholders_recommendation_changelist"),
    "a recommendation": _get_row("stakeholders_recommendation_change", Recommendation),
    "a recommendation: edit": _get_row("stakeholders_recommendation_edit", Recommendation),
    "a recommendation: merge similar ones": _get_row("stakeholders_recommendation_group", Recommendation),
    "a recommendation: its actions": _noted("recommendation", Recommendation),
    "drafts of responses: list": _get("stakeholders_responsedraft_changelist"),
    "a draft of a response": _get_row("stakeholders_responsedraft_change", ResponseDraft),
    "a draft of a response: propose": _get_row("stakeholders_responsedraft_propose", ResponseDraft),
    "consultations, areas, tags, campaigns: list": _get("stakeholders_consultation_changelist"),
    "consultations, areas, tags, campaigns: add": _get("stakeholders_tag_add"),
    "a draft of a response, a consultation, area, tag or campaign: delete": _get_row(
        "stakeholders_consultation_delete", Consultation
    ),
    "a consultation: propose": _get_row("stakeholders_consultation_propose", Consultation),
    "versions of consultations: list": _get("stakeholders_consultationedition_changelist"),
    "a version of a consultation": _get_row("stakeholders_consultationedition_change", ConsultationEdition),
    "versions of consultations awaiting approval": _get("stakeholders_consultationedition_queue"),
    "a version of a consultation: approve": _approved("stakeholders_consultationedition", ConsultationEdition),
    "a version of a consultation: change, add or delete": _get("stakeholders_consultationedition_add"),
    "responses: list": _get("stakeholders_response_changelist"),
    "a response": _get_row("stakeholders_response_change", Response),
    "responses awaiting approval": _get("stakeholders_response_queue"),
    "a response: preview": _get_row("stakeholders_response_preview", Response, "en"),
    "a response: approve": _approved("stakeholders_response", Response),
    "a response: change, add or delete": _get("stakeholders_response_add"),
    "sign-out": lambda client, _others: client.post(reverse("admin:logout")),
}


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_the_staff_site(world, client, role):
    _rows, others = world
    sign_in(client, role)
    found = {}
    with written_out(role):
        for name, judge in PAGES.items():
            answer = judge(client, others)
            found[name] = answer if isinstance(answer, str) else answered(answer)
    assert found == written(1, role)


# Nothing is forgotten


def names(patterns) -> set[str]:
    found = set()
    for pattern in patterns:
        found |= names(pattern.url_patterns) if hasattr(pattern, "url_patterns") else {pattern.name or ""}
    return found - {""}


def test_every_address_of_the_staff_site_is_in_the_document():
    text = DOCUMENT.read_text(encoding="utf-8")
    known = re.findall(r"`([a-z0-9_*-]+)`", text)
    unknown = sorted(name for name in names(admin.site.urls[0]) if not any(fnmatch(name, pattern) for pattern in known))
    assert unknown == [], "add these URL names of the staff site to docs/permissions.md, and a request to PAGES"


def test_the_columns_are_the_roles():
    assert [head[1:] for head, _rows in tables()[:2]] == [list(ROLES), list(ROLES)]
