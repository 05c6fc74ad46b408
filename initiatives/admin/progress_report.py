"""“SEDENA reports 72% as of 1 June”: the usual news of an initiative on one short page."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.date_fields import TypedDateField
from hled_portal.dates import date_parsing
from hled_portal.dates.edtf_dates import to_text
from hled_portal.i18n.bilingual import active_language
from initiatives.facts import date_changes, ready_flag, reporting
from initiatives.models import Organization, Source
from initiatives.vocabulary.choices import DateChangeReason, Measure, Qualifier

NEW = "new"
READY = _("Ready: this is my delegation's position, not a draft.")


class NumberField(forms.DecimalField):
    """A number as people write it: 72, 72%, 1,250.5."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value):
        return super().to_python((value or "").strip().removesuffix("%").replace(",", "").strip())


class NewsForm(forms.Form):
    """One section of the page: left as it was shown, it is not saved.

    What is filled in from the record is compared with what its reader saw, not with its present value.
    """

    FROM_THE_RECORD: tuple[str, ...] = ()

    def __init__(self, data=None, **options):
        super().__init__(data, empty_permitted=True, use_required_attribute=False, **options)
        for name in self.FROM_THE_RECORD:
            self.fields[name].show_hidden_initial = True

    def has_changed(self):
        """A section that the page did not show, since it had no milestone to offer, was not changed."""
        return any(self.add_prefix(name) in self.data for name in self.fields) and super().has_changed()


class ReadingForm(NewsForm):
    """A body reports a number."""

    FROM_THE_RECORD = ("figure", "reporting_body")

    figure = forms.ChoiceField(label=_("Figure"))
    value = NumberField(label=_("Value"), max_digits=20, decimal_places=4, help_text=_("Number only: 72 or 72%."))
    qualifier = forms.ChoiceField(label=_("Precision"), choices=Qualifier.choices)
    as_of_edtf = TypedDateField(label=_("As of"), required=True)
    reporting_body = forms.ModelChoiceField(None, label=_("Reported by"), help_text=_("Source of the number."))
    source = forms.ModelChoiceField(None, label=_("Source"), required=False)
    locator = forms.CharField(
        label=_("Location in the source"), required=False, max_length=80, help_text=_("Page or section.")
    )
    ready = forms.BooleanField(label=READY, required=False)
    new_phrase = forms.CharField(label=_("Measure of the new figure"), required=False, max_length=250)
    new_measure = forms.ChoiceField(label=_("Measure"), choices=Measure.choices, required=False)
    new_unit = forms.CharField(
        label=_("Unit"), required=False, max_length=120, help_text=_("For example %, kilometers.")
    )

    FIRST = ("figure", "value", "qualifier", "as_of_edtf", "reporting_body", "source", "locator", "ready")
    OF_A_NEW_FIGURE = ("new_phrase", "new_measure", "new_unit")

    def __init__(self, initiative, user, data=None):
        self.figures = {str(figure.pk): figure for figure in reporting.reportable_figures(initiative, user)}
        first = next(iter(self.figures.values()), None)
        last = reporting.last_reading(first) if first else None
        body = last.reporting_body if last else None
        initial = {"figure": next(iter(self.figures), NEW), "qualifier": Qualifier.EXACTLY, "reporting_body": body}
        super().__init__(data, prefix="reading", initial=initial | {"new_measure": reporting.DEFAULT_MEASURE})
        named = [(key, name_figure(figure)) for key, figure in self.figures.items()]
        self.fields["figure"].choices = [*named, (NEW, _t("A new figure, described below"))]
        self.fields["reporting_body"].queryset = Organization.objects.prefetch_related("names")
        self.fields["source"].queryset = Source.objects.filter(replaced_by=None).order_by("-date_latest", "key")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("figure") == NEW and not cleaned.get("new_phrase"):
            self.add_error("new_phrase", _t("Enter what the new figure counts."))
        if cleaned.get("source") and not cleaned.get("locator"):
            self.add_error("locator", _t("Enter the location in the source."))
        return cleaned

    def save(self, initiative, user):
        """Give the words of what was saved. Raises ValidationError."""
        cleaned = self.cleaned_data
        figure = self.figures.get(cleaned["figure"]) or reporting.add_figure(
            initiative,
            user,
            measure=cleaned["new_measure"] or Measure.COUNT,
            phrase=cleaned["new_phrase"],
            unit=cleaned["new_unit"],
            language=active_language(),
        )
        names = ("value", "qualifier", "as_of_edtf", "reporting_body", "source", "locator")
        news = reporting.ReportedProgress(**{name: cleaned[name] for name in names})
        reading = reporting.add_reading(figure, news, user, ready=cleaned["ready"])
        return _t("Saved: %(body)s reports %(value)s, %(figure)s, as of %(date)s.") % {
            "body": reading.reporting_body,
            "value": f"{reading.value.normalize():f}",
            "figure": figure.unit or figure.object,
            "date": to_text(reading.as_of_edtf, active_language()),
        }


class MilestoneForm(NewsForm):
    """A milestone was met, or its date moved."""

    FROM_THE_RECORD = ("milestone",)

    milestone = forms.ChoiceField(
        label=_("Milestone"),
        error_messages={
            "invalid_choice": _("Someone else changed this milestone while you were editing. Check its date again.")
        },
    )
    outcome = forms.ChoiceField(label=_("Result"), choices=[("met", _("Milestone met")), ("moved", _("Date changed"))])
    date_edtf = TypedDateField(label=_("Date met, or new expected date"), required=True)
    reason = forms.ChoiceField(
        label=_("Reason for the date change"),
        choices=[("", "---------"), *(choice for choice in DateChangeReason.choices if choice[0] != "met")],
        required=False,
        help_text=_("Only if the date changed."),
    )
    text = forms.CharField(label=_("Explanation in one sentence"), required=False, max_length=500)
    ready = forms.BooleanField(label=READY, required=False)

    def __init__(self, initiative, user, data=None):
        # A choice carries the date that its reader saw: a choice of an older date is no longer valid.
        milestones = {self._token(fact): fact for fact in reporting.reportable_milestones(initiative, user)}
        super().__init__(data, prefix="milestone", initial={"milestone": next(iter(milestones), ""), "outcome": "met"})
        self.milestones = milestones
        self.fields["milestone"].choices = [(key, name_milestone(fact)) for key, fact in milestones.items()]

    @staticmethod
    def _token(fact) -> str:
        return f"{fact.pk} {fact.date_edtf} {fact.modality}"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("outcome") == "moved" and not cleaned.get("reason"):
            self.add_error("reason", _t("Explain why the date changes. The explanation is published."))
        if cleaned.get("outcome") == "moved":
            refusal = date_changes.slip_refusal(cleaned.get("reason", ""), cleaned.get("text", ""))
            if refusal:
                self.add_error("text", refusal)
        return cleaned

    def save(self, initiative, user):
        cleaned = self.cleaned_data
        read = date_parsing.parse_date(self["date_edtf"].data)
        move = reporting.MilestoneChange(
            met=cleaned["outcome"] == "met",
            date_edtf=cleaned["date_edtf"],
            wordings={"date_wording_en": read.wording_en, "date_wording_es": read.wording_es},
            reason=cleaned["reason"],
            text=cleaned["text"],
            language=active_language(),
        )
        fact = reporting.move_milestone(self.milestones[cleaned["milestone"]], move, user, ready=cleaned["ready"])
        return _t("Saved: “%(milestone)s”, %(date)s.") % {
            "milestone": fact.object,
            "date": to_text(fact.date_edtf, active_language(), fact.date_wording),
        }


def name_figure(figure) -> str:
    """A figure as the choice names it: what it counts, its unit, and what was reported last."""
    name = f"{figure.object} – {figure.unit or figure.get_measure_display()}"
    last = reporting.last_reading(figure)
    if last is None or last.value is None:
        return name
    values = {
        "value": f"{last.value.normalize():f}",
        "qualifier": last.get_qualifier_display(),
        "date": to_text(last.as_of_edtf, active_language()) or _t("no date"),
    }
    words = _t("latest: %(qualifier)s %(value)s, %(date)s") % values
    return f"{name} ({words})"


def name_milestone(fact) -> str:
    words = to_text(fact.date_edtf, active_language(), fact.date_wording) or _t("no date")
    draft = _t("draft")
    state = "" if fact.ready or not ready_flag.has_draft(fact) else f" · {draft}"
    return f"{fact.object} ({fact.get_modality_display()}: {words}){state}"


def may_report(user) -> bool:
    return bool(user.delegation) and user.has_perms(["initiatives.add_reading", "initiatives.change_fact"])


def progress_report_url(initiative) -> str:
    return reverse("admin:initiatives_fact_report", args=[initiative.pk])


def link_to(initiative) -> str:
    label = _t("Report on “%(title)s”") % {"title": initiative.title}
    return format_html('<a href="{}" aria-label="{}">{}</a>', progress_report_url(initiative), label, _t("Report"))


def progress_report(page, request, pk):
    """Show both sections; what was typed into them is saved together, or shown again."""
    initiative = page.get_object(request, str(pk))
    if initiative is None:
        return page._get_obj_does_not_exist_redirect(request, page.opts, str(pk))
    if not may_report(request.user):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    sections = {
        "reading_form": ReadingForm(initiative, request.user, data),
        "milestone_form": MilestoneForm(initiative, request.user, data),
    }
    saved = _save(request, initiative, sections) if data is not None else []
    for words in saved:
        page.message_user(request, words, messages.SUCCESS)
    if saved:
        if "another" in request.POST:
            return redirect(progress_report_url(initiative))
        return redirect("admin:initiatives_initiative_change", initiative.pk)
    context = page.admin_site.each_context(request) | sections
    context |= {"opts": page.opts, "initiative": initiative, "title": _t("Report progress"), "media": page.media}
    return render(request, "admin/initiatives/report.html", context)


def _save(request, initiative, sections) -> list[str]:
    """What was saved, in words; empty where a section has errors."""
    filled = [form for form in sections.values() if form.has_changed()]
    if not filled:
        sections["reading_form"].add_error(None, _t("Nothing is filled in. Enter a number or update a milestone."))
    if not filled or [form for form in filled if not form.is_valid()]:
        return []
    try:
        with transaction.atomic():
            return [_saved(form, initiative, request.user) for form in filled]
    except ValidationError:
        return []


def _saved(form, initiative, user) -> str:
    try:
        return form.save(initiative, user)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        raise
