"""A file of 10,000 facts at the desk: how long its check takes, and how long others wait while it is written."""

import json
import time

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from hled_portal.models import User
from initiatives.imports import file_tables, import_jobs, import_writer
from initiatives.models import Fact, Initiative


def file_rows(rows: int):
    """Yield workload, reference, ratio and goal. What is written is rolled back."""
    initiative = Initiative.objects.order_by("pk").first()
    with transaction.atomic():
        ana = User.objects.create(username="bench-editor", delegation="MX", is_staff=True)
        ana.groups.set(Group.objects.filter(name="editor"))
        job = import_jobs.receive(ana, file_tables.ImportTable("facts"), "facts.json", _file(initiative, rows))
        checked = _seconds(lambda: import_jobs.check_rows(job))
        assert job.new == rows, job.wrong
        prepared = import_writer.prepare(
            file_tables.ImportTable("facts"), ana, "bench", import_jobs.job_rows(job), import_jobs.checked_rows(job)
        )
        locked = _seconds(lambda: import_writer.write_prepared(prepared))
        facts = [_fact(initiative, f"plain-{n}") for n in range(rows)]
        plainly = _seconds(lambda: bulk_create_with_history(facts, Fact))
        validated = 10 * _seconds(lambda: [_validate(fact) for fact in facts[: rows // 10]])
        transaction.set_rollback(True)
    yield f"write lock of a file of {rows:,} facts", "bulk_create of them with history", locked / plainly, 0.5
    yield f"check of a file of {rows:,} facts", "full_clean of them, ten times a tenth", checked / validated, 0.5


def _file(initiative, rows: int) -> bytes:
    row = {"subject": f"initiative/{initiative.key}", "kind": "milestone", "side": "MX", "action": "begin"}
    row |= {"modality": "expected", "object_en": "works", "object_es": "obras", "date_edtf": "2024-06"}
    return json.dumps([row | {"key": f"bench-{number}"} for number in range(rows)]).encode()


def _fact(initiative, key: str) -> Fact:
    texts = {"object_en": "works", "object_es": "obras", "date_edtf": "2024-06"}
    return Fact(
        initiative=initiative, key=key, kind="milestone", side="MX", action="begin", modality="expected", **texts
    )


def _validate(fact: Fact) -> None:
    try:
        fact.full_clean()
    except ValidationError as error:
        raise AssertionError("the reference is to be valid") from error


def _seconds(job) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start
