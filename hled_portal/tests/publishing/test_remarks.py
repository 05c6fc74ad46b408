"""Remarks on fields of a proposal: left, answered, closed, and shown before approving."""

import pytest
from django.urls import reverse

from hled_portal.models import Remark, Step
from hled_portal.publishing import clearance, remarks
from hled_portal.publishing.clearance import Refused
from hled_portal.tests import factories as make
from hled_portal.tests.pages import act, error_texts
from initiatives.models import Edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make.make_cast()


def post(client, text, verb, *remark, **data):
    return client.post(reverse(f"admin:initiatives_edition_remark_{verb}", args=[text.pk, *remark]), data, follow=True)


def test_a_remark_is_left_answered_and_closed_on_the_page(cast, client):
    text = make.make_edition(cast.ana)
    client.force_login(cast.beth)
    page = client.get(reverse("admin:initiatives_edition_change", args=[text.pk]))
    (field,) = [value for value, label in page.context["remark_fields"].items() if label == "name (Spanish)"]
    answer = post(client, text, "leave", field=field, words="Of the region?")
    assert error_texts(answer) == ["The remark was saved."]
    remark = Remark.objects.get()
    assert (remark.delegation, remark.is_open) == ("US", True)
    client.force_login(cast.ana)
    page = client.get(reverse("admin:initiatives_edition_change", args=[text.pk])).content.decode()
    assert "Name (Spanish): open" in page
    assert "Of the region?" in page
    assert "Close the remark" not in page
    post(client, text, "answer", remark.pk, words="Yes.")
    assert error_texts(post(client, text, "close", remark.pk)) == ["A remark is closed by the delegation that left it."]
    client.force_login(cast.carl)
    post(client, text, "close", remark.pk)
    remark.refresh_from_db()
    assert (remark.answer, remark.answered_by, remark.closed_by) == ("Yes.", cast.ana, cast.carl)
    assert list(Step.objects.values_list("action", "comment")) == [
        ("remarked", "Of the region?"),
        ("answered", "Yes."),
        ("settled", "Of the region?"),
    ]


def test_open_remarks_are_shown_before_approving_also_of_an_earlier_proposal(cast, client):
    text = make.make_edition(cast.ana)
    remarks.leave_remark(text, cast.carl, "", "Which year?")
    clearance.replace(text, cast.ana, "")
    later = make.make_edition(cast.ana, content=make.topic_content("supply-chains", "Supply chains of 2026"))
    client.force_login(cast.carl)
    assert "Which year?" in client.get(reverse("admin:initiatives_edition_change", args=[later.pk])).content.decode()
    assert "Which year?" in act(client, Edition, "set_key", [later]).content.decode()
    remarks.close_remark(later, Remark.objects.get().pk, cast.carl)
    assert "Which year?" not in act(client, Edition, "set_key", [later]).content.decode()


def test_what_is_refused_keeps_what_was_typed(cast, client):
    text = make.make_edition(cast.ana)
    client.force_login(cast.luis)
    assert error_texts(post(client, text, "leave", words=" ")) == ["Enter the remark or the reply."]
    with pytest.raises(Refused, match="permission"):
        remarks.leave_remark(text, cast.zoe, "", "x")
    clearance.return_text(text, cast.luis, "No.")
    answer = post(client, text, "leave", words="Too late, but typed")
    assert "not published yet" in error_texts(answer)[0]
    assert not Remark.objects.exists()
