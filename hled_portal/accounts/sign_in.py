"""Sign-in, and a new password by email. Neither says which accounts there are, in words or by the time it takes."""

import time
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm, SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hled_portal.background import mail
from hled_portal.web import rate_limits

from . import second_factor


class SameTimeMixin:
    """An answer to a form that says nothing leaves after the same time, whatever was looked up for it."""

    def post(self, request, *args, **kwargs):
        began = time.monotonic()
        response = super().post(request, *args, **kwargs)
        if not request.user.is_authenticated:
            time.sleep(max(0, settings.SIGN_IN_SECONDS - (time.monotonic() - began)))
        return response


class FieldStyleMixin:
    """The fields of Django's forms look as all others of the public site."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "usa-input"


class SignInForm(FieldStyleMixin, AuthenticationForm):
    pass


class NewPasswordForm(FieldStyleMixin, SetPasswordForm):
    pass


class SignInView(SameTimeMixin, views.LoginView):
    authentication_form = SignInForm
    template_name = "sign_in.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | _single_sign_on(self.get_redirect_url())

    def get_default_redirect_url(self):
        return reverse("admin:index" if self.request.user.is_staff else "home")

    def get_success_url(self):
        following = super().get_success_url()
        if second_factor.is_missing(self.request.user):
            return f"{reverse('second_factor')}?{urlencode({'next': following})}"
        return following


def _single_sign_on(following: str) -> dict:
    """The query of the button, and what it calls the provider; no query where it is off."""
    query = urlencode({"language": get_language(), "next": following}) if settings.OIDC_ENABLED else ""
    return {"single_sign_on": query, "provider": settings.OIDC_PROVIDER_NAME}


def locked_out(request, _response, _credentials):
    """The answer to who failed too often from this address; the form is as it was."""
    form = SignInForm(request)
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {"form": form, "next": request.POST.get("next", ""), "locked_minutes": minutes}
    context |= _single_sign_on("")
    response = render(request, "sign_in.html", context, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    response.headers["Cache-Control"] = "no-store"
    return response


class ResetForm(PasswordResetForm):
    """Asks for a link by email. The message goes through the outbox, as all others do."""

    email = forms.EmailField(label=_("Email address"), max_length=254, widget=forms.EmailInput({"class": "usa-input"}))

    def save(self, **options):
        for user in self.get_users(self.cleaned_data["email"]):
            uid = urlsafe_base64_encode(force_bytes(user.pk))
            link = mail.page_url(
                "password_reset_confirm", uid, default_token_generator.make_token(user), language=user.language
            )
            context = {"link": link, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
            mail.queue(f"password/{user.pk}/{now():%Y%m%d%H%M}", user.email, user.language, "password_reset", context)


class ResetView(SameTimeMixin, views.PasswordResetView):
    form_class = ResetForm
    template_name = "password_reset.html"
    success_url = reverse_lazy("password_reset_sent")

    def form_valid(self, form):
        if rate_limits.too_often("password-reset", self.request.META["REMOTE_ADDR"]):
            form.add_error(None, rate_limits.pace_error())
            response = self.render_to_response(self.get_context_data(form=form), status=429)
            response.headers["Retry-After"] = str(rate_limits.HOUR)
            return response
        return super().form_valid(form)


class ResetConfirmView(views.PasswordResetConfirmView):
    form_class = NewPasswordForm
    template_name = "password_reset_confirm.html"
    success_url = reverse_lazy("sign_in")
