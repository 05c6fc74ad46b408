"""Translations in the staff site: the status of a row, a control to agree it, and a page that agrees pair by pair."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from hled_portal.admin.input_hardening import is_primary_key
from hled_portal.i18n.bilingual import LANGUAGES, BilingualModel, Language, TranslationState, TranslationStatus
from initiatives.editions import translation_confirmation
from initiatives.editions.translation_confirmation import pair_label


class Agreed(str):
    """The state that the control gives: agreed, though it may have been called so before."""


class TranslationStatusSelect(forms.Select):
    """The state of the translation with a badge that tells what it is worth now."""

    def __init__(self, row: BilingualModel, **kwargs):
        self.row = row
        super().__init__(**kwargs)

    def value_from_datadict(self, data, files, name):
        if f"{name}-agree" in data:
            return Agreed(TranslationState.AGREED)
        return super().value_from_datadict(data, files, name)

    def render(self, name, value, attrs=None, renderer=None):
        select = super().render(name, value, attrs, renderer)
        standing = self.row.translation_standing() if self.row.pk else TranslationStatus.NONE
        if standing == TranslationStatus.NONE:
            return format_html('<span class="standing">{}</span>', select)
        control = ""
        if standing != TranslationStatus.MISSING:
            control = format_html(
                '<label class="standing-agree"><input type="checkbox" name="{}-agree"> {}</label>',
                name,
                _t("Confirm all fields in both languages as they are when saved"),
            )
        badge = format_html(
            '<strong class="standing-badge standing-{}">{}</strong>', standing.value, describe_translation(self.row)
        )
        return format_html('<span class="standing">{}{}{}</span>', select, badge, control)


class TranslationStatusField(forms.ChoiceField):
    def has_changed(self, initial, data):
        return isinstance(data, Agreed) or super().has_changed(initial, data)


def describe_translation(row: BilingualModel) -> str:
    """What the language that is not the original is worth, such as “Spanish: working translation”."""
    other = Language(next(language for language in LANGUAGES if language != row.original_language))
    standing = row.translation_standing()
    words = str(standing.label)
    if standing == TranslationStatus.OLDER:
        words = f"{words} ({', '.join(pair_label(row, name) for name in row.unconfirmed_pairs())})"
    return _t("%(language)s: %(standing)s") % {"language": other.label, "standing": words}


def add_status_control(form) -> None:
    """Show the badge and the control next to the state of the translation."""
    if "translation_state" not in form.fields:
        return
    plain = form.fields["translation_state"]
    widget = TranslationStatusSelect(form.instance, choices=TranslationState.choices, attrs=dict(plain.widget.attrs))
    form.fields["translation_state"] = TranslationStatusField(
        choices=TranslationState.choices,
        widget=widget,
        label=plain.label,
        help_text=plain.help_text,
        initial=plain.initial,
        required=plain.required,
    )


def resolve_status(form) -> None:
    """A language that is missing cannot be agreed; one that came in is a working translation until it is."""
    row = form.instance
    if not isinstance(row, BilingualModel) or row.translation_standing() == TranslationStatus.NONE:
        return
    missing = row.missing_texts()
    if missing and row.translation_state == TranslationState.AGREED and "translation_state" in form.changed_data:
        names = ", ".join(str(row._meta.get_field(column).verbose_name) for column in missing)
        form.add_error(
            "translation_state",
            _t("Complete these fields before you confirm the translation: %(fields)s.") % {"fields": names},
        )
    elif missing:
        row.translation_state = TranslationState.MISSING
    elif row.translation_state == TranslationState.MISSING:
        row.translation_state = TranslationState.WORKING


def confirm_form_translation(form) -> None:
    """Marking a translation as agreed, an act of its own, agrees each pair of the row as it is saved."""
    row = form.instance
    if not isinstance(row, BilingualModel) or row.translation_state != TranslationState.AGREED:
        return
    if "translation_state" in form.changed_data:
        row.agree_translation()


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
            "rows": translation_confirmation.unconfirmed_pairs([subject], request.user),
            "all_chosen": request.GET.get("chosen") == "all",
            "may_propose": self.has_propose_permission(request),
        }
        return TemplateResponse(request, "admin/translations.html", context)

    def translations_address(self, subject) -> str:
        return reverse(f"admin:initiatives_{self.opts.model_name}_translations", args=[subject.pk])

    def _agree(self, request, subject) -> bool:
        """Whether what was chosen is agreed; a refusal is shown."""
        if not request.POST.getlist("row"):
            self.message_user(request, _t("Select at least one row."), messages.ERROR)
            return False
        return self.agree_chosen(request, [subject])

    def agree_chosen(self, request, subjects) -> bool:
        """Agree the chosen pairs of texts of these subjects, if any; False where one of them changed meanwhile."""
        chosen = {token: request.POST.get(f"seen-{token}", "") for token in request.POST.getlist("row")}
        if not chosen:
            return True
        try:
            count = translation_confirmation.confirm_translations(subjects, request.user, chosen)
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
            return False
        if count:
            message = ngettext("%(count)d translation confirmed.", "%(count)d translations confirmed.", count)
            self.message_user(request, message % {"count": count}, messages.SUCCESS)
        return True
