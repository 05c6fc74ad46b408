"""Files of letters: uploaded, shown row by row, then taken over or dropped."""

import hashlib

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hled_portal.files import spreadsheet_reader
from stakeholders.letters import bulk_intake
from stakeholders.models import Consultation, FileOfLetters
from stakeholders.triage import access
from stakeholders.vocabulary import Channel, Consent

#: A longer file is a matter for `manage.py take_letters`: nobody waits so long at a browser.
MAX_LETTERS_IN_FILE = 1000
MAX_ERRORS_SHOWN = 20


class FileForm(forms.Form):
    """A file, where it comes from, and what holds for all of its letters."""

    file = forms.FileField(label=_("file"), help_text=_("CSV or XLSX, up to 10 MB and 1,000 rows."))
    channel = forms.ChoiceField(
        label=_("file type"), choices=[choice for choice in Channel.choices if choice[0] != Channel.FORM]
    )
    consultation = forms.ModelChoiceField(
        label=_("consultation"), queryset=Consultation.objects.all(), required=False, to_field_name="key"
    )
    consent = forms.ChoiceField(
        label=_("permission to publish if a row does not state it"),
        choices=[choice for choice in Consent.choices if choice[0] != Consent.NAME],
        initial=Consent.NOTHING,
        help_text=_("Publish only what the sender agreed to."),
    )


class BulkMixin:
    """Taking over letters that came another way."""

    def get_urls(self):
        view, name = self.admin_site.admin_view, "stakeholders_letter"
        own = [
            path("take-over/", view(self.take_over_view), name=f"{name}_take_over"),
            path("take-over/<int:pk>/", view(self.file_of_letters_view), name=f"{name}_taken"),
        ]
        return own + super().get_urls()

    def take_over_view(self, request):
        if not access.can_triage(request.user):
            raise PermissionDenied
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            made = self._receive(request, form)
            if made is not None:
                return HttpResponseRedirect(reverse("admin:stakeholders_letter_taken", args=[made.pk]))
        title = _t("Import submissions from a file")
        return self.respond(
            request, "take_over", title, form=form, columns=bulk_intake.INTAKE_COLUMNS, docket=bulk_intake.DOCKET
        )

    def _receive(self, request, form) -> FileOfLetters | None:
        """Keep the file for the preview; None where it cannot be read; the form then has the error."""
        given, data = form.cleaned_data, form.cleaned_data["file"].read()
        try:
            rows = bulk_intake.read_letters(data, _source(given["channel"], given["consultation"], given["consent"]))
        except spreadsheet_reader.UnreadableSheet as error:
            for message in error.messages:
                form.add_error("file", message)
            return None
        if len(rows) > MAX_LETTERS_IN_FILE:
            form.add_error("file", _t("This file has more than 1,000 rows. Import it with manage.py take_letters."))
            return None
        return FileOfLetters.objects.create(
            owner=request.user,
            name=given["file"].name[:200],
            channel=given["channel"],
            consultation=given["consultation"],
            consent=given["consent"],
            content=data,
            digest=hashlib.sha256(data).hexdigest(),
        )

    def file_of_letters_view(self, request, pk: int):
        """What would become of each row; on a post, just that is done."""
        if not access.can_triage(request.user):
            raise PermissionDenied
        file = FileOfLetters.objects.filter(pk=pk, owner=request.user).first() if pk < 2**63 else None
        if file is None:
            raise Http404
        if request.method == "POST" and "drop" in request.POST:
            file.delete()
            self.message_user(request, _t("The file was discarded. Nothing was imported."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stakeholders_letter_take_over"))
        rows = bulk_intake.read_letters(bytes(file.content), _source(file.channel, file.consultation, file.consent))
        if request.method == "POST" and request.POST.get("seen") == file.digest:
            return self._take_over(request, file, rows)
        counts = bulk_intake.counts(rows)
        return self.respond(
            request,
            "taken",
            _t("Import submissions from a file"),
            file=file,
            rows=rows[:MAX_LETTERS_IN_FILE],
            counts=counts,
        )

    def _take_over(self, request, file, rows):
        count = bulk_intake.write_letters(rows, file.channel)
        file.delete()
        message = ngettext("%(count)d submission imported.", "%(count)d submissions imported.", count)
        self.message_user(request, message % {"count": count}, messages.SUCCESS)
        counts = bulk_intake.counts(rows)
        if counts["withdrawn"]:
            text = ngettext("%(n)d submission was withdrawn.", "%(n)d submissions were withdrawn.", counts["withdrawn"])
            self.message_user(request, text % {"n": counts["withdrawn"]}, messages.SUCCESS)
        for row in [row for row in rows if row.kind == "invalid"][:MAX_ERRORS_SHOWN]:
            text = _t("Row %(row)s was not imported: %(reasons)s") % {
                "row": row.number,
                "reasons": " ".join(row.reasons),
            }
            self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:stakeholders_letter_changelist"))


def _source(channel: str, consultation, consent: str) -> bulk_intake.IntakeSource:
    return bulk_intake.IntakeSource(channel, consultation, consent)
