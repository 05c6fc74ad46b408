"""Single sign-on by OpenID Connect, for accounts that exist. By mozilla-django-oidc, with what it leaves to its users.

The provider says who somebody is, and nothing of what an account may do: it makes no account, and roles, delegation,
second factor and the ends of sessions are the portal's. An account is found by the subject that is stored with it; the
first time by an address that the provider verified, which then stores the subject.
"""

import logging
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from . import second_factor

LANGUAGE = "oidc_language"
#: What a provider that is away, or sends what it must not, makes the library raise.
FAILURES = (SuspiciousOperation, jwt.PyJWTError, requests.RequestException, LookupError, TypeError, ValueError)

logger = logging.getLogger(__name__)


class SingleSignOnBackend(OIDCAuthenticationBackend):
    def authenticate(self, request, **kwargs):
        if not settings.OIDC_ENABLED or "nonce" not in kwargs:
            return None
        try:
            return super().authenticate(request, **kwargs)
        except FAILURES as error:
            logger.warning("single sign-on failed: %s", type(error).__name__)
            return None

    def verify_token(self, token, **kwargs):
        """For this portal and from this provider, which the library does not look at."""
        payload = super().verify_token(token, **kwargs)
        audience = payload.get("aud")
        audience = [audience] if isinstance(audience, str) else audience or []
        wrong = {
            "issuer": payload.get("iss") != settings.OIDC_ISSUER,
            "audience": self.OIDC_RP_CLIENT_ID not in audience,
            "party": len(audience) > 1 and payload.get("azp") != self.OIDC_RP_CLIENT_ID,
            "end": "exp" not in payload,
            "subject": not payload.get("sub"),
        }
        if any(wrong.values()):
            raise SuspiciousOperation(f"wrong in the token: {', '.join(name for name in wrong if wrong[name])}")
        return payload

    def get_userinfo(self, access_token, id_token, payload):
        claims = super().get_userinfo(access_token, id_token, payload)
        if claims.get("sub") != payload["sub"]:
            raise SuspiciousOperation("The claims are of another subject.")
        return claims

    def verify_claims(self, claims) -> bool:
        return True

    def get_or_create_user(self, access_token, id_token, payload):
        """The account of a subject, or of a verified address that no subject has yet. None is made."""
        claims = self.get_userinfo(access_token, id_token, payload)
        users = get_user_model().objects
        with transaction.atomic():
            user = users.filter(oidc_subject=claims["sub"]).first()
            if user is None and claims.get("email") and claims.get("email_verified") is True:
                rows = users.select_for_update().filter(email__iexact=claims["email"], oidc_subject=None)
                matching = list(rows[:2])
                if len(matching) == 1 and self.user_can_authenticate(matching[0]):
                    user = matching[0]
                    user.oidc_subject = claims["sub"]
                    user.save(update_fields=["oidc_subject"])
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_user(self, user_id):
        """The library's gives deactivated accounts too."""
        return ModelBackend.get_user(self, user_id)


@method_decorator(never_cache, name="dispatch")
class StartView(OIDCAuthenticationRequestView):
    def get(self, request):
        request.session[LANGUAGE] = translation.get_language_from_path(f"/{request.GET.get('language', '')}/")
        return super().get(request)


@method_decorator(never_cache, name="dispatch")
class ReturnView(OIDCAuthenticationCallbackView):
    def get(self, request):
        language = request.session.get(LANGUAGE) or translation.get_language()
        with translation.override(language):
            try:
                return super().get(request)
            except SuspiciousOperation:  # A state that this browser did not ask for.
                return self.login_failure()

    def login_failure(self):
        """The same words whatever it was: they do not say which accounts there are."""
        text = _(
            "Single sign-on was not possible: there is no active account for you in the portal, or the sign-in "
            "service did not respond. Sign in with your password, or ask an administrator."
        )
        messages.error(self.request, text)
        return redirect("sign_in")

    @property
    def success_url(self):
        following = self.request.session.pop("oidc_login_next", None)
        following = following or reverse("admin:index" if self.user.is_staff else "home")
        if second_factor.is_missing(self.user):
            return f"{reverse('second_factor')}?{urlencode({'next': following})}"
        return following
