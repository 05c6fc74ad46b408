"""The other language of a row in the staff site: its status in words, and a control to agree it."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _t

from hled_portal.i18n.bilingual import LANGUAGES, BilingualModel, Language, TranslationState, TranslationStatus


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
        if standing in (TranslationStatus.WORKING, TranslationStatus.OLDER):
            control = format_html(
                '<label class="standing-agree"><input type="checkbox" name="{}-agree"> {}</label>',
                name,
                _t("Confirm as is"),
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
    return _t("%(language)s: %(standing)s") % {
        "language": other.label,
        "standing": row.translation_standing().label,
    }


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
    """Marking a translation as agreed, or writing one that stays so, agrees it on the present original."""
    row = form.instance
    if not isinstance(row, BilingualModel) or row.translation_state != TranslationState.AGREED:
        return
    translated = {f"{name}_{lang}" for name in row.pairs for lang in LANGUAGES if lang != row.original_language}
    if ({"translation_state", "original_language"} | translated) & set(form.changed_data):
        row.agree_translation()
