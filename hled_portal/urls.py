"""The map of addresses."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views import defaults

from hled_portal.accounts import single_sign_on
from hled_portal.api import docs_page
from hled_portal.web import dev_mail, error_views, shared_previews

from . import about, pages, search_engines, search_pages

urlpatterns = [
    path(settings.ADMIN_PATH, admin.site.urls),
    # Without a language: the provider knows one address to return to.
    path("oidc/authenticate/", single_sign_on.StartView.as_view(), name="oidc_authentication_init"),
    path("oidc/callback/", single_sign_on.ReturnView.as_view(), name="oidc_authentication_callback"),
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
