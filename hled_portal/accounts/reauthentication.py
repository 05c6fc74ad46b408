"""Before a member of staff approves or publishes, the password (or a code) was given not long ago.

Whoever finds an unlocked computer can read, but gives no delegation's word.
"""

import time
from urllib.parse import urlencode, urlsplit

import django_otp
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .second_factor import following_page, private_page
from .sessions import CONFIRMED


class ReauthenticationRequired(Exception):
    """The sign-in is too long ago for what was asked."""


def require_recent(request) -> None:
    """Raises ReauthenticationRequired, which sends to the page that asks for the password."""
    minutes = settings.REAUTHENTICATE_MINUTES
    if minutes and not 0 <= time.time() - request.session.get(CONFIRMED, 0) < minutes * 60:
        raise ReauthenticationRequired


def ask_again(get_response):
    """A middleware: from there back to the page with the button."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        if not isinstance(exception, ReauthenticationRequired):
            return None
        referrer = request.headers.get("Referer", "")
        known = url_has_allowed_host_and_scheme(referrer, {request.get_host()}, request.is_secure())
        parts = urlsplit(referrer if known else reverse("admin:index"))
        query = urlencode({"next": f"{parts.path}?{parts.query}" if parts.query else parts.path})
        return redirect(f"{reverse('reauthenticate')}?{query}")

    middleware.process_exception = process_exception
    return middleware


class SecretForm(forms.Form):
    """The password; a code where the account has none, as with single sign-on."""

    secret = forms.CharField(
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput({"class": "usa-input", "autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, request, data):
        super().__init__(data)
        self._request = request
        self.fields["secret"].label = _("Password") if request.user.has_usable_password() else _("Code")

    def clean_secret(self) -> str:
        secret, user = self.cleaned_data["secret"], self._request.user
        if user.has_usable_password():
            given = authenticate(self._request, username=user.get_username(), password=secret) == user
        else:
            given = django_otp.match_token(user, secret.strip())
        if not given:
            raise forms.ValidationError(_("Wrong password or code. Nothing was approved or published."))
        return secret


@private_page
def reauthenticate(request):
    form = SecretForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.session[CONFIRMED] = time.time()
        messages.info(request, _t("Thank you. Nothing was done yet: choose the button again."))
        return redirect(following_page(request))
    return render(request, "reauthenticate.html", {"form": form})
