"""What staff do: proposing and releasing many texts, files at the staff site, and loading a directory."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import tablib
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction

from hled_portal.models import User
from hled_portal.publishing import clearance, releasing
from initiatives.editions import proposing
from initiatives.imports import file_tables, import_jobs, import_writer, synthetic_record
from initiatives.models import Citation, Fact, Initiative

from . import stock, timing
from .record import DAY, twin
from .rows import Row, ratio_row, seconds_row

RELEASED_TEXTS = 100
#: Rows of the reference of an import, which is taken that many times: all would take minutes.
SAMPLE = 500
FACT_COLUMNS = ("key", "kind", "side", "action", "modality", "object_en", "object_es", "date_edtf")


def release_rows(texts: int = RELEASED_TEXTS):
    """New initiatives beside those there are, proposed, approved by both and released. Nothing of it stays."""
    with transaction.atomic():
        keys = _new_initiatives(texts)
        author, *officers = (_member(*who) for who in (("MX", "editor"), ("MX", "officer"), ("US", "officer")))
        proposed: list = []
        wanted = dict.fromkeys(keys, ("", None))
        job = lambda: proposed.extend(proposing.propose_many("initiative", wanted, author))  # noqa: E731
        yield seconds_row(f"proposing {texts} texts", timing.seconds(job), 2)
        refused = [refusal for _key, refusal in proposed if not isinstance(refusal, list)]
        assert not refused, refused[0].messages
        editions = [edition for _key, made in proposed for edition in made]
        for officer in officers:
            for edition in editions:
                clearance.clear(edition, officer, edition.digest)
        released = timing.seconds(lambda: releasing.release(editions, officers[0]))
        yield seconds_row(f"release of {texts} texts", released, None)
        transaction.set_rollback(True)


def _new_initiatives(number: int) -> list[str]:
    """Copies of initiatives with their facts and citations, ready to be proposed."""
    originals = list(Initiative.objects.filter(parent=None).order_by("pk")[: min(number, 20)])
    keys = [f"bench-{n}" for n in range(number)]
    for n, key in enumerate(keys):
        original = originals[n % len(originals)]
        new = twin(original, key=key, title_en=f"{original.title_en} {n}", title_es=f"{original.title_es} {n}")
        new.agree_translation()
        new.save()
        new.places.set(original.places.all())
        for fact in original.facts.filter(of=None).prefetch_related("citations"):
            copy = twin(fact, initiative_id=new.pk, ready=True)
            if hasattr(copy, "agree_translation"):
                copy.agree_translation()
            copy.save()
            Citation.objects.bulk_create(twin(each, fact_id=copy.pk) for each in fact.citations.all())
        Citation.objects.bulk_create(twin(each, initiative_id=new.pk) for each in original.citations.all())
    return keys


def _member(delegation: str, role: str) -> User:
    user = User.objects.create(username=f"bench-{delegation}-{role}", delegation=delegation, is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    return user


# Files


def import_row(rows: int = 10_000, sample: int = SAMPLE) -> Row:
    """A file at the staff site, checked and written with history, beside django-import-export. Nothing stays."""
    with transaction.atomic():
        initiative, user = Initiative.objects.order_by("pk").first(), _member("MX", "editor")
        ours = timing.seconds(lambda: _import(user, initiative, rows))
        transaction.set_rollback(True)
    with transaction.atomic():
        lines = [[initiative.key, *line.values()] for line in _lines("stock", sample)]
        dataset = tablib.Dataset(*lines, headers=["initiative", *FACT_COLUMNS])
        resource = stock.FactResource()
        theirs = timing.seconds(lambda: resource.import_data(dataset, raise_errors=True))
        assert Fact.objects.filter(key__startswith="stock-").count() == sample
        transaction.set_rollback(True)
    measured = timing.Measured(ours, theirs * rows / sample)
    reference = f"django-import-export with full_clean ({sample:,} rows, times {rows // sample})"
    return ratio_row(f"import of {rows:,} facts", reference, measured, 0.2)


def _import(user, initiative, rows: int) -> None:
    lines = [{"subject": f"initiative/{initiative.key}", **line} for line in _lines("bench", rows)]
    job = import_jobs.receive(user, file_tables.ImportTable("facts"), "facts.json", json.dumps(lines).encode())
    import_jobs.check_rows(job)
    assert job.new == rows, job.wrong
    prepared = import_writer.prepare(
        file_tables.ImportTable("facts"), user, "bench", import_jobs.job_rows(job), import_jobs.checked_rows(job)
    )
    import_writer.write_prepared(prepared)


def _lines(prefix: str, number: int) -> list[dict]:
    values = ("milestone", "MX", "begin", "expected", "works", "obras", "2024-06")
    return [dict(zip(FACT_COLUMNS, (f"{prefix}-{n}", *values), strict=True)) for n in range(number)]


# Loading


def load_row(initiatives: int = 1000) -> Row:
    """`load_dialogue` of a directory of so many new initiatives, published. Nothing stays."""
    with TemporaryDirectory() as folder, transaction.atomic():
        first = Initiative.objects.count()
        synthetic_record.write_directory(Path(folder), first, first + initiatives)
        load = lambda: call_command("load_dialogue", folder, publish_as_of=DAY, verbosity=0)  # noqa: E731
        found = timing.seconds(load)
        transaction.set_rollback(True)
    return seconds_row(f"load_dialogue of {initiatives:,} initiatives, published", found, 30)
