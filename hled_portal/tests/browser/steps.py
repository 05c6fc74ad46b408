"""What people do at the desk in Chromium, step by step: for stories that go through the hands of several."""

import datetime
import re
from types import SimpleNamespace

from django.utils import timezone

from hled_portal.background.jobs import JobRun
from hled_portal.models import ReleasePlan
from hled_portal.publishing import release_plans
from initiatives.models import Edition
from stakeholders.models import Response


def go_to_the_edition(page, key: str = "otay-mesa-ii"):
    page.goto(f"/admin/initiatives/edition/{Edition.objects.filter(subject_key=key).latest('pk').pk}/change/")


def go_to_the_answer(page, key: str):
    page.goto(f"/admin/stakeholders/response/{Response.objects.filter(recommendation_key=key).latest('pk').pk}/change/")


def press(page, address: str):
    """Press the button of a verb on the page of a text."""
    with page.expect_navigation():
        page.locator(f'form[action*="/{address}/"] button[type=submit]').click()


def report(page, initiative, value: str, as_of: str):
    """A number on one page: the date in words is read back, then saved."""
    page.goto(f"/admin/initiatives/initiative/{initiative.pk}/report/")
    page.fill("[name=reading-value]", value)
    page.fill("[name=reading-as_of_edtf]", as_of)
    page.check("[name=reading-ready]")
    for _read_back_then_saved in range(2):
        if page.url.endswith("/report/"):
            with page.expect_navigation():
                page.click("[name=save]")
    assert page.url.endswith("/change/")


def propose(page, initiative):
    page.goto(f"/admin/initiatives/initiative/{initiative.pk}/propose/")
    with page.expect_navigation():
        page.click(".clearing form button[type=submit]")


def read(page, address: str = "/en/initiatives/otay-mesa-ii/") -> str:
    """What somebody without an account reads, without the server's address: its port may hold any number."""
    server = re.match(r"https?://[^/]+", page.url)[0]
    answer = page.context.browser.new_context(base_url=server)
    try:
        return answer.request.get(address).text().replace(server, "")
    finally:
        answer.close()


def plan(page, name: str, meeting: str = "") -> ReleasePlan:
    """A release for tomorrow at ten in Mexico City, with everything that is on its way."""
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    page.goto("/admin/hled_portal/releaseplan/add/")
    page.fill("[name=name]", name)
    if meeting:
        page.select_option("[name=meeting_key]", meeting)
    page.fill("[name=day]", tomorrow.isoformat())
    page.fill("[name=time]", "10:00")
    page.check("[name=capital][value=MX]")
    for _read_back_then_kept in range(2):
        with page.expect_navigation():
            page.click(".submit-row [type=submit]")
    made = ReleasePlan.objects.get(name=name)
    put_all_in(page, made)
    return made


def put_all_in(page, made: ReleasePlan):
    page.goto(f"/admin/hled_portal/releaseplan/{made.pk}/put-in/")
    with page.expect_navigation():
        page.click("[name=all]")


def agree(page, made: ReleasePlan):
    page.goto(f"/admin/hled_portal/releaseplan/{made.pk}/change/")
    with page.expect_navigation():
        page.click("[name=verb][value=agree]")


def let_the_minute_come(monkeypatch, made: ReleasePlan):
    """The job a minute before, which does nothing, and at the minute."""
    for minutes, number in ((-1, None), (0, "1 released")):
        at = made.at + datetime.timedelta(minutes=minutes)
        monkeypatch.setattr(release_plans, "timezone", SimpleNamespace(now=lambda at=at: at))
        assert release_plans.publish_due_plans(JobRun()) == number
    monkeypatch.undo()
