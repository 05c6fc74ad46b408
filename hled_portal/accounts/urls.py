"""Addresses of sign-in."""

from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import TemplateView

from . import reauthentication, second_factor, sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignInView.as_view(), name="sign_in"),
    path("sign-in/code/", second_factor.enter_code, name="second_factor"),
    path("sign-in/second-factor/", second_factor.set_up, name="second_factor_setup"),
    path("sign-in/again/", reauthentication.reauthenticate, name="reauthenticate"),
    path("sign-in/reset/", sign_in.ResetView.as_view(), name="password_reset"),
    path(
        "sign-in/reset/sent/",
        login_not_required(TemplateView.as_view(template_name="password_reset_sent.html")),
        name="password_reset_sent",
    ),
    path("sign-in/reset/<uidb64>/<token>/", sign_in.ResetConfirmView.as_view(), name="password_reset_confirm"),
    path("sign-out/", views.LogoutView.as_view(), name="sign_out"),
]
