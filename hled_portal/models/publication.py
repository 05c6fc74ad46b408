"""Releases, the publication log and the version of what is public."""

import json

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Release(models.Model):
    """A set of texts that became public together, under one publication number."""

    publication = models.PositiveIntegerField(_("publication number"), unique=True, editable=False)
    public_from = models.DateField(_("current from"), editable=False)
    released_at = models.DateTimeField(_("published on"), editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="releases",
        verbose_name=_("published by"),
    )

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["publication"]

    def __str__(self):
        return str(self.publication)


class PublicationAction(models.TextChoices):
    RELEASED = "released", _("published")
    SUPERSEDED = "superseded", _("replaced")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Publication(models.Model):
    """One row of the append-only log of what became public and what ceased to be.

    `entry` is canonical JSON that holds every other column and the hash of the row before;
    `hash` is its SHA-256. The texts' own columns mirror this log.
    """

    position = models.PositiveIntegerField(_("position"), primary_key=True)
    number = models.PositiveIntegerField(_("publication number"), db_index=True)
    action = models.CharField(_("action"), max_length=10, choices=PublicationAction)
    text = models.CharField(_("text"), max_length=200, db_index=True)
    digest = models.CharField(_("hash"), max_length=64)
    entry = models.TextField(_("entry"))
    hash = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publication log")
        ordering = ["position"]

    def __str__(self):
        return f"{self.position}: {self.text}"

    @property
    def data(self) -> dict:
        """The entry, read."""
        return json.loads(self.entry)


class PublicVersion(models.Model):
    """The one row that counts changes of what readers see; its lock puts releases in a line."""

    value = models.PositiveBigIntegerField(_("value"), default=0)
    #: Up to when it counts what becomes public or ends by the clock alone (`timed_changes.py`).
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)

    class Meta:
        verbose_name = _("public version counter")
        verbose_name_plural = _("public version counter")
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="one_public_version",
                violation_error_message=_("There can be only one public version counter."),
            ),
        ]

    def __str__(self):
        return str(self.value)
