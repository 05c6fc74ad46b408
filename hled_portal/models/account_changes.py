"""Changes of accounts that wait for a second administrator, and the record of sign-ins."""

from axes.models import AccessLog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccountChange(models.Model):
    """What one administrator wants to change of an account that can approve. Another one does it, or rejects it."""

    class Kind(models.TextChoices):
        RIGHTS = "rights", _("delegation, roles or address")
        PASSWORD = "password", _("password")
        SECOND_FACTOR = "second_factor", _("second factor")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="requested_changes", verbose_name=_("account")
    )
    kind = models.CharField(_("change"), max_length=20, choices=Kind)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested on"), default=timezone.now)
    values = models.JSONField(_("new values"), default=dict)
    password = models.CharField(max_length=128, blank=True)

    class Meta:
        verbose_name = _("requested account change")
        verbose_name_plural = _("requested account changes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                name="one_account_change_of_a_kind",
                violation_error_message=_("Such a change has already been requested for this account."),
            ),
            models.CheckConstraint(
                condition=~Q(user=F("requested_by")),
                name="account_change_for_another",
                violation_error_message=_("Nobody requests a change of their own account."),
            ),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_kind_display()}"


class SignIn(AccessLog):
    """A sign-in as django-axes recorded it."""

    class Meta:
        proxy = True
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-pk"]
