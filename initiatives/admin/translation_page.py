"""The page on which the translations of a subject are read side by side and agreed together."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from hled_portal.admin.input_hardening import is_primary_key
from initiatives.editions import translation_confirmation


class AgreeingMixin:
    """A table whose rows are subjects with texts in both languages."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.translations_view)
        name = f"initiatives_{self.opts.model_name}_translations"
        return [path("<str:object_id>/translations/", view, name=name), *super().get_urls()]

    def translations_view(self, request, object_id):
        if not self.has_change_permission(request):
            raise PermissionDenied
        subject = (
            self.get_queryset(request).filter(pk=object_id).first() if is_primary_key(self.model, object_id) else None
        )
        if subject is None:
            raise Http404
        if request.method == "POST" and self._agree(request, subject):
            return HttpResponseRedirect(self.translations_address(subject))
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "subject": subject,
            "title": _t("Translations: %(subject)s") % {"subject": subject},
            "rows": translation_confirmation.unconfirmed_rows(subject, request.user),
            "all_chosen": request.GET.get("chosen") == "all",
            "may_propose": self.has_propose_permission(request),
        }
        return TemplateResponse(request, "admin/translations.html", context)

    def translations_address(self, subject) -> str:
        return reverse(f"admin:initiatives_{self.opts.model_name}_translations", args=[subject.pk])

    def _agree(self, request, subject) -> bool:
        """Whether what was chosen is agreed; a refusal is shown."""
        chosen = {token: request.POST.get(f"seen-{token}", "") for token in request.POST.getlist("row")}
        if not chosen:
            self.message_user(request, _t("Select at least one row."), messages.ERROR)
            return False
        try:
            count = translation_confirmation.confirm_translations(subject, request.user, chosen)
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
            return False
        message = ngettext("%(count)d translation confirmed.", "%(count)d translations confirmed.", count)
        self.message_user(request, message % {"count": count}, messages.SUCCESS)
        return True
