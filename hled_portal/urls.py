"""The map of addresses."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.urls import include, path
from django.utils.module_loading import import_string
from django.views import defaults

from hled_portal.api import docs_page
from hled_portal.web import dev_mail, error_views, shared_previews

from . import about, pages, search_engines, search_pages


def _single_sign_on(view: str):
    """A view of `accounts.single_sign_on`, whose libraries are imported where a provider is configured."""

    @login_not_required
    def answer(request):
        if not settings.OIDC_ENABLED:
            raise Http404
        return import_string(f"hled_portal.accounts.single_sign_on.{view}").as_view()(request)

    return answer


urlpatterns = [
    path(settings.ADMIN_PATH, admin.site.urls),
    # Without a language: the provider knows one address to return to.
    path("oidc/authenticate/", _single_sign_on("StartView"), name="oidc_authentication_init"),
    path("oidc/callback/", _single_sign_on("ReturnView"), name="oidc_authentication_callback"),
    path("sitemap.xml", search_engines.sitemap, name="sitemap"),
    path("robots.txt", search_engines.robots, name="robots"),
    path("api/v1/", include("hled_portal.api.urls")),
]

urlpatterns += i18n_patterns(
    path("", pages.home, name="home"),
    path("", include("initiatives.urls")),
    path("", include("stakeholders.urls")),
    path("about/", about.about, name="about"),
    path("about/measures/", about.measures, name="measures"),
    path("about/accessibility/", about.accessibility, name="accessibility"),
    path("about/privacy/", about.privacy, name="privacy"),
    path("search/", search_pages.search, name="search"),
    path("preview/<slug:token>/", shared_previews.shared_preview, name="shared_preview"),
    path("data/api/", docs_page.guide, name="api_docs"),
    path("", include("hled_portal.accounts.urls")),
)

if settings.DEBUG:
    urlpatterns += i18n_patterns(path("dev/mail/", dev_mail.dev_mail, name="dev_mail"))

handler400 = error_views.bad_request
# Without Django's wrapper, which reads the form for its token: for one that cannot be read it would answer 500.
handler403 = defaults.permission_denied.__wrapped__
handler404 = defaults.page_not_found.__wrapped__
handler500 = error_views.server_error
