"""The record that is measured: the review of April 2024, and copies of its initiatives."""

import json

from django.core.management import call_command
from django.db import connection
from django.db.models import Model

from hled_portal.publishing import kept_results
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.search.fulltext import KEYS_OF_TEXT
from hled_portal.search.text_analysis import fold
from initiatives.imports import synthetic_record
from initiatives.imports.synthetic_record import DAY, REVIEW
from initiatives.models import Edition, Entry, Facet, Fact, Initiative, SearchRow

#: Up to so many initiatives, copies are published as the portal publishes them.
MOST_PUBLISHED = 2000


def load_record() -> None:
    """Make the record of an empty database."""
    call_command("migrate", verbosity=0)
    call_command("load_dialogue", REVIEW, publish_as_of=DAY, verbosity=0)


def fill(number: int) -> int:
    """Copy the initiatives until there are about so many; returns how many there are.

    Few are published as `load_synthetic` does it. Many are written to the tables directly, as publishing them takes
    longer than all measurements: there is no log of their publication.
    """
    published = list(Edition.objects.initiatives().published().exclude(subject_key__contains="-copy"))
    originals = {row.key: row for row in Initiative.objects.all()}
    there = Edition.objects.initiatives().published().count() // len(published)
    if number <= MOST_PUBLISHED:
        synthetic_record.add_initiatives(number // len(published) * len(published))
        return _finish()
    rows_of = {model: _by_edition(model, published) for model in (Entry, Facet, SearchRow)}
    for copy in range(there, number // len(published)):
        copies = [(edition, f"{edition.subject_key[:70]}-copy{copy}") for edition in published]
        made = Edition.objects.bulk_create(_edition(edition, key) for edition, key in copies)
        for model, rows in rows_of.items():
            model.objects.bulk_create(
                twin(row, edition_id=new.pk, **_key_of_copy(row, new))
                for (edition, _key), new in zip(copies, made, strict=True)
                for row in rows.get(edition.pk, ())
                if getattr(row, "kind", "") != "initiative"
            )
        working = Initiative.objects.bulk_create(
            twin(originals[edition.subject_key], key=key, parent_id=None) for edition, key in copies
        )
        Fact.objects.bulk_create(
            twin(fact, initiative_id=new.pk, of_id=None)
            for (edition, _key), new in zip(copies, working, strict=True)
            for fact in originals[edition.subject_key].facts.all()
        )
    return _finish()


def _finish() -> int:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    kept_results.forget_results()
    return Edition.objects.initiatives().published().count()


def _key_of_copy(row: Model, edition: Edition) -> dict[str, int]:
    """The primary key of a search row tells its edition."""
    if not isinstance(row, SearchRow):
        return {}
    return {"id": row.pk + (edition.pk - row.edition_id) * KEYS_OF_TEXT}


def _by_edition(model, editions) -> dict[int, list[Model]]:
    rows: dict[int, list[Model]] = {}
    for row in model.objects.filter(edition__in=editions):
        rows.setdefault(row.edition_id, []).append(row)
    return rows


def _edition(edition: Edition, key: str) -> Edition:
    content = canonical({**json.loads(edition.content), "key": key})
    title = f"{edition.title_en} {key}"
    identity = {"subject_key": key, "content": content, "digest": digest(content)}
    return twin(edition, **identity, title_en=title, folded_title_en=fold(title))


def twin(row: Model, **columns) -> Model:
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**values | columns)
