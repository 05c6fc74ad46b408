"""The second factor: codes of an app (TOTP), and recovery codes for who lost the device. By django-otp."""

import base64
import time

import django_otp
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from .sessions import CONFIRMED

RECOVERY_CODES = 10


def is_missing(user) -> bool:
    """Whether a member of staff still has to give a code in this session."""
    return settings.REQUIRE_TOTP and user.is_staff and not _is_verified(user)


def _is_verified(user) -> bool:
    """A user who signed in a moment ago was not seen by the middleware of django-otp."""
    return hasattr(user, "is_verified") and user.is_verified()


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput({"class": "usa-input", "autocomplete": "one-time-code", "autofocus": True}),
        error_messages={"required": _("Enter the code.")},
    )

    def __init__(self, data, accepts):
        super().__init__(data)
        self._accepts = accepts

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        self.device = self._accepts(code)
        if not self.device:
            raise forms.ValidationError(
                _(
                    "This code is not valid. Enter the next code that your app shows. "
                    "After several wrong codes, wait a few minutes."
                )
            )
        return code


def private_page(view):
    return require_http_methods(["GET", "HEAD", "POST"])(sensitive_post_parameters()(never_cache(login_required(view))))


@private_page
def enter_code(request):
    """The code after the password. Who has no app yet sets it up."""
    if not TOTPDevice.objects.devices_for_user(request.user, confirmed=True).exists():
        return redirect(f"{reverse('second_factor_setup')}?{request.GET.urlencode()}")
    form = CodeForm(request.POST or None, lambda code: django_otp.match_token(request.user, code))
    if request.method == "POST" and form.is_valid():
        django_otp.login(request, form.device)
        request.session[CONFIRMED] = time.time()
        return HttpResponseRedirect(following_page(request))
    return render(request, "second_factor.html", {"form": form})


@private_page
def set_up(request):
    """Set up the app: for the first time, or anew for who gave a code in this session."""
    import segno

    confirmed = TOTPDevice.objects.devices_for_user(request.user, confirmed=True).exists()
    if not request.user.is_staff or (confirmed and not _is_verified(request.user)):
        raise PermissionDenied
    device, _created = TOTPDevice.objects.get_or_create(user=request.user, confirmed=False, defaults={"name": "app"})
    form = CodeForm(request.POST or None, lambda code: device if device.verify_token(code) else None)
    if request.method == "POST" and form.is_valid():
        codes = _replace_devices(device)
        django_otp.login(request, device)
        return render(request, "recovery_codes.html", {"codes": codes, "following": following_page(request)})
    key = base64.b32encode(device.bin_key).decode()
    context = {
        "form": form,
        "key": " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
        "picture": segno.make(device.config_url).svg_inline(scale=5, border=2, omitsize=False),
    }
    return render(request, "second_factor_setup.html", context)


def _replace_devices(device: TOTPDevice) -> list[str]:
    """Make this the only device of its owner; returns new recovery codes."""
    with transaction.atomic():
        remove_devices(device.user, but=device.pk)
        device.confirmed = True
        device.save()
        recovery = StaticDevice.objects.create(user=device.user, name="recovery")
        codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=recovery, token=code) for code in codes)
    return codes


def remove_devices(user, but: int | None = None) -> None:
    """Take the second factor away: at the next sign-in, the user sets up another."""
    TOTPDevice.objects.filter(user=user).exclude(pk=but).delete()
    StaticDevice.objects.filter(user=user).delete()


def reset(user) -> None:
    """For who lost the device, or has another identity at the provider of single sign-on: both begin anew."""
    remove_devices(user)
    user.oidc_subject = None
    user.save(update_fields=["oidc_subject"])


def following_page(request) -> str:
    following = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(following, {request.get_host()}, request.is_secure()):
        return following
    return reverse("admin:index")
