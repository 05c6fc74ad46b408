"""Accounts and their delegation."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language
from hled_portal.i18n.delegations import Delegation, Side


class User(AbstractUser):
    """A person with an account. A superuser runs the system and speaks for no delegation."""

    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation, blank=True)
    language = models.CharField(_("language of messages"), max_length=2, choices=Language, default=Language.ENGLISH)
    #: Who the account is for the provider of single sign-on; stored at the first sign-in there.
    oidc_subject = models.CharField(
        _("identifier for single sign-on"), max_length=255, null=True, blank=True, unique=True, editable=False
    )
    audits = models.CharField(
        _("audits for"),
        max_length=5,
        choices=Side,
        blank=True,
        help_text=_("For auditors only: the delegation that appointed the auditor, or both."),
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(audits="") | Q(delegation="", is_superuser=False),
                name="auditor_speaks_for_no_delegation",
                violation_error_message=_("An auditor cannot belong to a delegation or administer the system."),
            ),
            models.CheckConstraint(
                condition=Q(is_superuser=False) | Q(delegation=""),
                name="superuser_speaks_for_no_delegation",
                violation_error_message=_("A superuser cannot belong to a delegation."),
            ),
        ]
