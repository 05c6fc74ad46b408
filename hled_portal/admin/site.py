"""The staff site: Django's, with a first page of its own and with pages that belong to no table."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import admin
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from hled_portal.accounts import second_factor
from hled_portal.dashboard import registry

from . import app_list

#: Pages beside the tables: route, view and name; each view states for itself who may open it.
_PAGES: list[tuple[str, Callable, str]] = []


def admin_page(route: str, name: str) -> Callable:
    """Put a view under an address of the staff site, such as `log/`, for staff who are signed in: `admin:<name>`."""

    def put(view: Callable) -> Callable:
        _PAGES.append((route, view, name))
        return view

    return put


#: Panels in sight on the first page, those with something to do first; the others are folded.
BOXES = 3
#: Lists of tables that are kept: one for each set of permissions, table and language.
SIDEBARS = 400


class PortalAdminSite(admin.AdminSite):
    def __init__(self, name="admin"):
        super().__init__(name)
        self._sidebars: dict[tuple, str] = {}

    def register(self, models, admin_class=None, **options):
        """Tables of other packages stay away: only what refuses hidden filters and forged rows is shown."""
        from .input_hardening import SafeAdmin

        if admin_class is not None and issubclass(admin_class, SafeAdmin):
            super().register(models, admin_class, **options)

    def has_permission(self, request):
        return super().has_permission(request) and not second_factor.is_missing(request.user)

    def login(self, request, extra_context=None):
        """There is one page to sign in, in both languages; who gave the password there still gives the code."""
        following = {"next": request.GET.get("next", reverse("admin:index"))}
        missing = request.user.is_authenticated and second_factor.is_missing(request.user)
        return redirect(f"{reverse('second_factor' if missing else 'sign_in')}?{urlencode(following)}")

    def get_urls(self):
        from .pages import choose_language  # Its pages are put into this site.

        own = [path(route, self.admin_view(view), name=name) for route, view, name in _PAGES]
        return [path("language/", choose_language, name="hled_portal_language"), *own, *super().get_urls()]

    def index(self, request, extra_context=None):
        """What waits for this person, what is wrong, and the tables."""
        visit = registry.PanelContext(request.user, timezone.now())
        panels = sorted(registry.build_panels(visit), key=lambda named: not named[1].count)
        context = {
            "panels": panels[:BOXES],
            "more_panels": panels[BOXES:],
            "warnings": registry.warnings(visit),
            "may_report": request.user.delegation and request.user.has_perm("initiatives.add_reading"),
        }
        return super().index(request, context | (extra_context or {}))

    def get_app_list(self, request, app_label=None):
        """The tables in groups; worked out when a page shows them, which most pages of texts do not."""
        if app_label:
            return super().get_app_list(request, app_label)
        # Not Django's own list: that is sorted by translated names first, which takes longer than all the rest.
        return SimpleLazyObject(lambda: app_list.grouped(list(self._build_app_dict(request).values())))

    def each_context(self, request):
        return super().each_context(request) | {"sidebar": SimpleLazyObject(lambda: self._sidebar(request))}

    def _sidebar(self, request):
        """The list of tables beside each page, made once for all who may do the same: a fifth of a page's rendering."""
        user, start = request.user, reverse("admin:index")
        section = request.path.removeprefix(start).split("/")[:2]  # The list marks the table of the page.
        key = (get_language(), start, *section, user.is_active, user.is_staff)
        key += (getattr(user, "delegation", ""), user.is_superuser or frozenset(user.get_all_permissions()))
        if key not in self._sidebars:
            if len(self._sidebars) >= SIDEBARS:
                self._sidebars.clear()
            context = {"available_apps": self.get_app_list(request)}
            self._sidebars[key] = render_to_string("admin/nav_sidebar.html", context, request)
        return self._sidebars[key]
