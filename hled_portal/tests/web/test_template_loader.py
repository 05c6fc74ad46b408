"""Templates of pages are read without their indentation."""

from django.template.loader import get_template


def test_indentation_is_left_out_but_not_of_what_is_shown_as_written():
    lines = get_template("initiatives/list.html").template.source.splitlines()
    assert len(lines) > 20
    assert [line for line in lines if line != line.lstrip() or not line] == []
    assert "import pandas\n\nfacts" in get_template("data/data.html").template.source
    assert "\n\n" in get_template("mail/file.txt").template.source
