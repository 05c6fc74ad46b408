"""Files of letters that an officer sent in, from the preview until the decision; they go within a day."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stakeholders.vocabulary import Channel, Consent

from .consultations import Consultation


class FileOfLetters(models.Model):
    """A docket export or a spreadsheet, as it was sent; only its sender sees it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("file name"), max_length=200)
    channel = models.CharField(_("received through"), max_length=10, choices=Channel)
    consultation = models.ForeignKey(Consultation, models.CASCADE, null=True, verbose_name=_("consultation"))
    consent = models.CharField(_("consent"), max_length=10, choices=Consent, default=Consent.NOTHING)
    content = models.BinaryField(editable=False)
    digest = models.CharField(max_length=64, editable=False)
    sent_at = models.DateTimeField(_("sent on"), default=timezone.now)

    class Meta:
        verbose_name = _("submission import file")
        verbose_name_plural = _("submission import files")
        indexes = [models.Index(fields=["sent_at"], name="file_of_letters_age")]

    def __str__(self):
        return str(self.pk)
