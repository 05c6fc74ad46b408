"""Two editors who save at the same moment, each in a process of her own: nothing is lost, on both databases."""

import json

import pytest

from hled_portal.tests import factories as make
from hled_portal.tests.pages import form_data, get_form, page
from hled_portal.tests.processes import run_at_once
from initiatives import models as record

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
ROUNDS = 6
SAVE = """
import json
from django.test import Client
from hled_portal.models import User
plan = json.load(open({path!r}))
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(username=plan["name"]))
client.get("/admin/initiatives/topic/")
for number, (address, data) in enumerate(plan["posts"]):
    meet(number)
    answer = client.post(address, data)
    refused = "Someone else changed" in answer.content.decode() if answer.status_code == 200 else False
    print("ANSWER", answer.status_code, refused)
"""


def posts(client, cast, name: str, rows) -> list:
    """The same pages as both editors opened them, with what this one typed."""
    client.force_login(getattr(cast, name))
    found = []
    for row in rows:
        address = page(type(row), "change", row.pk)
        found.append((address, form_data(get_form(client, address)) | {"object_en": f"by {name}", "ready": "on"}))
    figure = record.Fact.objects.get(kind="figure")
    address = page(record.Fact, "change", figure.pk)
    new = {"status": "actual", "qualifier": "exactly", "order": "", "value": "72", "as_of_edtf": "2024"}
    added = {f"readings-0-{column}": value for column, value in new.items()} | {"readings-TOTAL_FORMS": "1"}
    found.append((address, form_data(get_form(client, address)) | added))
    address = page(record.Topic, "add")
    found.append(
        (address, form_data(get_form(client, address)) | {"key": "ports", "name_en": "Ports", "name_es": "Puertos"})
    )
    return found


def answers(said: str) -> list[tuple[str, bool]]:
    lines = [line.split() for line in said.splitlines() if line.startswith("ANSWER")]
    return [(status, refused == "True") for _word, status, refused in lines]


def test_of_two_saves_at_one_moment_the_second_is_told_and_what_only_adds_goes_through(client, tmp_path):
    cast = make.make_cast()
    initiative = make.make_initiative()
    rows = [make.make_fact(initiative, f"fact-{number}", side="joint") for number in range(ROUNDS)]
    make.make_figure(initiative, side="joint")
    plans = {name: posts(client, cast, name, rows) for name in ("ana", "beth")}
    scripts = []
    for name, planned in plans.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"name": name, "posts": planned}))
        scripts.append(SAVE.format(path=str(path)))
    said, ask = run_at_once(tmp_path, *scripts)
    ana, beth = map(answers, said)
    facts = dict(ask("SELECT key, object_en FROM initiatives_fact WHERE kind = 'milestone'"))
    for number in range(ROUNDS):
        pair = {"ana": ana[number], "beth": beth[number]}
        assert sorted(pair.values()) == [("200", True), ("302", False)], number
        saved = next(name for name, (status, _refused) in pair.items() if status == "302")
        assert facts[f"fact-{number}"] == f"by {saved}"
    assert [ana[ROUNDS][0], beth[ROUNDS][0]] == ["302", "302"]
    assert ask('SELECT "order" FROM initiatives_reading ORDER BY 1') == [(1,), (2,)]
    assert sorted([ana[ROUNDS + 1][0], beth[ROUNDS + 1][0]]) == ["200", "302"]
    assert ask("SELECT count(*) FROM initiatives_topic WHERE key = 'ports'") == [(1,)]
