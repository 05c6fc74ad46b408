"""The pages of the staff site that belong to no table: all lines of a panel, the guide, and the choice of language."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from hled_portal.dashboard import registry

from .site import admin_page

#: Lines on the page of one panel.
LINES = 500


def respond(request, template: str, title: str, **context):
    """A page of the staff site without a table."""
    context |= admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, f"admin/{template}.html", context)


@admin_page("waiting/<slug:name>/", "hled_portal_panel")
@require_safe
def panel_page(request, name: str):
    """All lines of one panel of the first page."""
    panel = registry.build_panel(name, registry.PanelContext(request.user, timezone.now(), LINES))
    if panel is None:
        raise Http404
    return respond(request, "panel", panel.title, panel=panel)


@admin_page("guide/", "hled_portal_guide")
@require_safe
def guide(request):
    """The staff site on one page, for a new colleague."""
    return respond(request, "guide", _("Staff guide"), owners=settings.SITE_OWNERS, contact=settings.CONTACT)


@login_not_required
@require_POST
def choose_language(request):
    """Show the staff site in a language, and the same page again."""
    return set_language(request)
