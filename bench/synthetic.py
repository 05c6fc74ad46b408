"""A large record: copies of the initiatives of the review under keys of their own, published as any joint text is."""

from django.db import transaction

from bench.workloads import DAY
from hled_portal.publishing import clearance
from hled_portal.publishing.canonical_json import canonical, digest
from initiatives.content import snapshot_content
from initiatives.models import Edition

AT_ONCE = 500  # texts of a release


def load_synthetic(initiatives: int) -> None:
    """Publish copies of the public initiatives until there are so many. Needs a loaded review."""
    originals = list(Edition.objects.published().initiatives().order_by("subject_key"))
    keys = {edition.subject_key for edition in originals}
    waiting: list[Edition] = []
    for number in range(initiatives - len(originals)):
        original = originals[number % len(originals)]
        waiting.append(_copy(original, number // len(originals) + 1, keys))
        if len(waiting) == AT_ONCE:
            _publish(waiting)
    _publish(waiting)


def _copy(original: Edition, copy: int, keys: set[str]) -> Edition:
    def renamed(value):
        return f"{value}-{copy}" if value in keys else value

    data = snapshot_content.parse_content(original.content)
    data["key"], data["parent"] = renamed(data["key"]), None
    data["title_en"], data["title_es"] = f"{data['title_en']} ({copy})", f"{data['title_es']} ({copy})"
    for link in data["links"]:
        link["initiative"] = renamed(link["initiative"])
    content = canonical(data)
    return Edition(
        subject_kind=original.subject_kind,
        subject_key=data["key"],
        content=content,
        digest=digest(content),
        basis=original.basis,
        source_key=original.source_key,
    )


def _publish(waiting: list[Edition]) -> None:
    with transaction.atomic():
        clearance.release_joint_text([*Edition.objects.bulk_create(waiting)], DAY)
    waiting.clear()
