"""What was withdrawn or erased, so that a restored backup does not bring it back."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Removal(models.Model):
    """One withdrawal or erasure, written in its transaction and copied to a list outside the database by a job.

    `name` and `detail` are hashes, keys and numbers: no word and no address of a person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("type"), max_length=30)
    name = models.CharField(_("record"), max_length=200)
    detail = models.CharField(_("detail"), max_length=100, blank=True)
    at = models.DateTimeField(_("date and time"), default=timezone.now)
    listed_at = models.DateTimeField(_("listed on"), null=True)

    class Meta:
        verbose_name = _("removal")
        verbose_name_plural = _("removals")
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], condition=models.Q(listed_at__isnull=True), name="removal_unlisted")]

    def __str__(self):
        return f"{self.kind}: {self.name}"
