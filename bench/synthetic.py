"""Many initiatives for a measurement: copies of those of the review, published and in the working tables.

They are written to the tables directly, as publishing 10,000 takes half an hour: there is no log of their publication.
"""

import json

from django.db.models import Model

from hled_portal.publishing.canonical_json import canonical, digest
from initiatives.models import Edition, Entry, Facet, Fact, Initiative, SearchRow


def fill(number: int) -> int:
    """Copy the initiatives until there are about so many; returns how many there are."""
    published = list(Edition.objects.initiatives().published())
    originals = {row.key: row for row in Initiative.objects.all()}
    rows_of = {model: _by_edition(model, published) for model in (Entry, Facet, SearchRow)}
    for copy in range(1, number // len(published)):
        copies = [(edition, f"{edition.subject_key[:70]}-{copy}") for edition in published]
        made = Edition.objects.bulk_create(_edition(edition, key) for edition, key in copies)
        for model, rows in rows_of.items():
            model.objects.bulk_create(
                _twin(row, edition_id=new.pk)
                for (edition, _key), new in zip(copies, made, strict=True)
                for row in rows.get(edition.pk, ())
                if getattr(row, "kind", "") != "initiative"
            )
        working = Initiative.objects.bulk_create(
            _twin(originals[edition.subject_key], key=key, parent_id=None) for edition, key in copies
        )
        Fact.objects.bulk_create(
            _twin(fact, initiative_id=new.pk, of_id=None)
            for (edition, _key), new in zip(copies, working, strict=True)
            for fact in originals[edition.subject_key].facts.all()
        )
    return Edition.objects.initiatives().published().count()


def _by_edition(model, editions) -> dict[int, list[Model]]:
    rows: dict[int, list[Model]] = {}
    for row in model.objects.filter(edition__in=editions):
        rows.setdefault(row.edition_id, []).append(row)
    return rows


def _edition(edition: Edition, key: str) -> Edition:
    content = canonical({**json.loads(edition.content), "key": key})
    return _twin(
        edition, subject_key=key, content=content, digest=digest(content), title_en=f"{edition.title_en} {key}"
    )


def _twin(row: Model, **columns) -> Model:
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**values | columns)
