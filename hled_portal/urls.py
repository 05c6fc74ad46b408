"""The map of addresses."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import include, path

from . import pages

urlpatterns = [
    path(settings.ADMIN_PATH, admin.site.urls),
]

urlpatterns += i18n_patterns(
    path("", pages.home, name="home"),
    path("", include("initiatives.urls")),
    path("about/measures/", pages.measures, name="measures"),
    path("sign-in/", accounts.LoginView.as_view(template_name="sign_in.html"), name="sign_in"),
    path("sign-out/", accounts.LogoutView.as_view(), name="sign_out"),
)
