"""Made-up initiatives, published like others, for development and measurements."""

import pytest
from django.core.management import CommandError, call_command

from initiatives.imports import synthetic_record
from initiatives.models import Edition, Initiative

pytestmark = pytest.mark.django_db


def test_the_same_files_are_written_each_time(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        synthetic_record.write_directory(tmp_path / name, 67, 70)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    keys = [line.split(b",")[0] for line in one["initiatives.csv"].splitlines()[1:]]
    assert sorted(key.rpartition(b"-")[2] for key in keys) == [b"1", b"2", b"2"]
    assert b"synthetic-67" in one["citations.csv"]
    assert b",2024-04-19-fact-sheet," not in one["citations.csv"]


@pytest.mark.usefixtures("review")
def test_initiatives_are_published_in_chunks(client, monkeypatch):
    monkeypatch.setattr(synthetic_record, "INITIATIVES_AT_ONCE", 2)
    assert Initiative.objects.count() == synthetic_record.REVIEW_INITIATIVES
    lines: list[str] = []
    synthetic_record.add_initiatives(37, lines.append)
    assert lines == ["Initiatives: 36 of 37", "Initiatives: 37 of 37"]
    public = Edition.objects.published().initiatives()
    assert sorted(public.filter(subject_key__contains="-copy-").values_list("source_key", flat=True)) == [
        *["synthetic-34"] * 2,
        "synthetic-36",
    ]
    assert client.get("/en/initiatives/").context["page"].paginator.count == 37
    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("load_synthetic", initiatives=40)


def test_the_command_needs_as_many_initiatives_as_the_review_has():
    with pytest.raises(CommandError, match="at least 34"):
        call_command("load_synthetic", initiatives=33)
