"""Templates of pages are read without their indentation and the lines of their tags."""

import pytest
from django.template.loader import get_template

from hled_portal.web.template_loader import shorten


def test_indentation_is_left_out_but_not_of_what_is_shown_as_written():
    lines = get_template("initiatives/list.html").template.source.splitlines()
    assert len(lines) > 20
    assert [line for line in lines if line != line.lstrip() or not line] == []
    assert "import pandas\n\nfacts" in get_template("data/data.html").template.source
    assert "\n\n" in get_template("mail/file.txt").template.source


@pytest.mark.parametrize(
    ("written", "short"),
    [
        (
            "{% load i18n %}\n<p>\n{% if a %}\n  b\n{% else %}\n  c\n{% endif %}\n</p>\n",
            "{% load i18n %}<p>\n{% if a %}b\n{% else %}c\n{% endif %}</p>\n",
        ),
        ('{% translate "A" as a %}{% url "b" as b %}\nc', '{% translate "A" as a %}{% url "b" as b %}c'),
        ('{% translate "A" %}\n{% include "b" %}\n{% if a %}b{% endif %}\nc', None),
        ("{% blocktranslate trimmed with a=b %}\nc\n{% endblocktranslate %}\n", None),
        ("<pre>\n{% if a %}\n  b\n{% endif %}\n</pre>\n", None),
    ],
)
def test_lines_of_tags_that_show_nothing_are_left_out(written, short):
    assert shorten(written) == (written if short is None else short)
