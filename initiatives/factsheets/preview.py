"""A proposed fact sheet as the page that it would become, without the records behind its sentences."""

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import active_language
from hled_portal.publishing.preview_pages import PreviewPage
from hled_portal.publishing.signed_text import State
from initiatives.models import Edition, FactSheet

from .draft import read_fact_sheet
from .words import WORDS


def preview_fact_sheet(text: FactSheet) -> PreviewPage:
    meetings = Edition.objects.of_kind("meeting").filter(subject_key=text.meeting_key)
    context = {
        "day": as_of.today(),
        "meeting": meetings.filter(state__in=(State.CLEARED, State.PUBLISHED)).order_by("-pk").first(),
        "sheet": read_fact_sheet(text.data["languages"][active_language()]),
        "context_legend": WORDS[active_language()]["context"],
        "numbers": {},
        "edition": None,
    }
    return PreviewPage("initiatives/fact_sheet.html", f"meetings/{text.meeting_key}/fact-sheet/", context)
