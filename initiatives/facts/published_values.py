"""Published values of figures: a change of one that readers know has a typed reason."""

from initiatives.models import Edition, Reading

#: What readers are told of a value.
TOLD = ("status", "qualifier", "value", "value_to", "out_of", "every", "as_of_edtf", "period_edtf", "duration")
TOLD += ("reporting_body", "paid_by", "places")


def typed_reason(reason: str) -> str:
    """How the history keeps a reason that somebody typed, apart from those that the portal gives."""
    return f"reason:{reason}"


def published_values() -> set[tuple[str, str, str, int]]:
    """Every value that readers know: kind and key of its subject, key of its item, and position. One query."""
    published = Edition.objects.published().filter(content__contains='"readings":[{')
    return {
        (edition.subject_kind, edition.subject_key, fact["key"], reading["order"])
        for edition in published
        for fact in edition.data.get("facts", ())
        for reading in fact["readings"]
    }


def is_published_value(reading: Reading) -> bool:
    """Whether the published version of its subject holds the value. One query."""
    subject, fact = reading.fact.subject, reading.fact
    published = Edition.objects.published().filter(subject_kind=subject._meta.model_name, subject_key=subject.key)
    return any(
        row["order"] == reading.order
        for edition in published
        for held in edition.data.get("facts", ())
        if held["key"] == fact.key
        for row in held["readings"]
    )
