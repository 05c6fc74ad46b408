"""Releases to come: what is published together, what is missing, and when."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hled_portal.accounts import reauthentication
from hled_portal.admin.input_hardening import FilledValuesFilter, ReadOnlyAdmin, is_primary_key
from hled_portal.dashboard.registry import admin_url
from hled_portal.dates import timezones
from hled_portal.i18n.bilingual import LANGUAGES, active_language
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import ReleasePlan
from hled_portal.publishing import clearance, release_plans, review_queue
from initiatives.editions import unreleased_changes
from initiatives.models import Edition, Meeting

from . import release_plan_page as reading

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@admin.register(ReleasePlan)
class ReleasePlanAdmin(ReadOnlyAdmin):
    list_display = ("name", "meeting_key", "minute", "agreed", "state")
    list_filter = (("release", admin.EmptyFieldListFilter), ("meeting_key", FilledValuesFilter))
    list_select_related = ("release", "us_officer", "mx_officer")
    search_fields = ("name", "meeting_key")
    ordering = ("-pk",)

    # Who may

    def has_add_permission(self, request):
        return self.has_change_permission(request)

    def has_change_permission(self, request, obj=None):
        user = request.user
        return bool(user.is_active and user.delegation) and user.has_perm("hled_portal.change_releaseplan")

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("hled_portal.view_releaseplan")

    def get_urls(self):
        view = self.admin_site.admin_view
        names = [
            ("edit", self.edit_view, "edit/"),
            ("choose", self.choose_view, "put-in/"),
            ("docx", self.docx_view, "texts.docx"),
        ]
        own = [
            path(f"<int:pk>/{route}", view(page), name=f"hled_portal_releaseplan_{name}") for name, page, route in names
        ]
        return own + super().get_urls()

    # The list

    @admin.display(description=_("publication date and time"), ordering="at")
    def minute(self, plan):
        return timezones.to_text(plan.at) if plan.at else "–"

    @admin.display(description=_("agreed by"))
    def agreed(self, plan):
        return ", ".join(str(side.label) for side in Delegation if getattr(plan, f"{side.lower()}_digest")) or "–"

    @admin.display(description=_("status"))
    def state(self, plan):
        return reading.describe_plan_state(plan)

    # Pages

    def _page(self, request, template: str, title: str, **context):
        context |= self.admin_site.each_context(request) | {"title": title, "opts": self.opts}
        return TemplateResponse(request, f"admin/{template}.html", context)

    def _found(self, request, pk, change: bool = False) -> ReleasePlan:
        """The plan, for who may see or change it. Raises Http404, PermissionDenied."""
        if not (self.has_change_permission(request) if change else self.has_view_permission(request)):
            raise PermissionDenied
        related = ("release", "us_officer", "mx_officer", "created_by")
        plan = (
            ReleasePlan.objects.select_related(*related).filter(pk=pk).first()
            if is_primary_key(ReleasePlan, pk)
            else None
        )
        if plan is None:
            raise Http404
        return plan

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        first = {"capital": request.user.delegation}
        return self._form(request, None, first, _t("Schedule a release"), self._make)

    def _make(self, request, given):
        made = release_plans.make(request.user, given["name"], given["meeting_key"], given["at"])
        return made, _t("The release is scheduled. Now add texts.")

    def edit_view(self, request, pk):
        plan = self._found(request, pk, change=True)
        side = request.user.delegation
        at = timezones.local(plan.at, side) if plan.at else None
        first = {"name": plan.name, "meeting_key": plan.meeting_key, "capital": side, "seen": release_plans.mark(plan)}
        first |= {"day": at.date(), "time": at.time()} if at else {}

        def change(request, given):
            values = [given[name] for name in ("seen", "name", "meeting_key", "at")]
            release_plans.change(plan, request.user, *values)
            return plan, _t("The release was changed. If the time changed, both delegations must agree again.")

        return self._form(request, plan, first, plan.name, change)

    def _form(self, request, plan, first: dict, title: str, act):
        """Read the minute back first; then keep it."""
        form = reading.PlanForm(request.POST or None, initial=first)
        read_back = ""
        if request.method == "POST" and form.is_valid():
            if request.POST.get("read_back") == form.token:
                try:
                    made, message = act(request, form.cleaned_data)
                except ValidationError as refused:
                    form.add_error(None, refused)
                else:
                    self.message_user(request, message, messages.SUCCESS)
                    return HttpResponseRedirect(reading.plan_url(made))
            else:
                read_back = form.token
        return self._page(request, "release_plan_form", title, form=form, plan=plan, read_back=read_back)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        from initiatives.editions.release_document import BOTH

        if request.method == "POST":
            return self._act(request, self._found(request, object_id, change=True))
        plan = self._found(request, object_id)
        texts = release_plans.plan_texts(plan)
        opened = review_queue.opened(Edition, request.user) if request.user.delegation else None
        buttons = self._buttons(request, plan, texts)
        return self._page(
            request,
            "release_plan",
            plan.name,
            plan=plan,
            state=reading.describe_plan_state(plan),
            minute=timezones.to_text(plan.at) if plan.at else "",
            rows=[reading.text_row(text, opened) for text in texts],
            never_opened=sum(reading.is_unopened(text, opened) for text in texts),
            sides=[reading.delegation_agreement(plan, side, texts) for side in Delegation],
            digest=release_plans.plan_digest(plan, texts),
            lacks=[(lack.reason, reading.text_url(lack.text)) for lack in _obstacles(plan, texts, request.user)],
            left_out=unreleased_changes.find_unreleased(plan) if plan.meeting_key and plan.release_id is None else None,
            meeting=Meeting.objects.filter(key=plan.meeting_key).first() if plan.meeting_key else None,
            steps=reading.plan_steps(plan),
            buttons=buttons,
            concerns=clearance.unexplained_concerns(texts, request.user, "") if "agree" in buttons else [],
            languages=[*LANGUAGES, BOTH],
        )

    def _buttons(self, request, plan, texts) -> set[str]:
        """What this person may do with the plan; the actions check again."""
        if not self.has_change_permission(request) or plan.release_id is not None:
            return set()
        mine = getattr(plan, f"{request.user.delegation.lower()}_digest")
        present = release_plans.plan_digest(plan, texts)
        has_come = plan.at is None or plan.at <= timezone.now()
        may_release = request.user.has_perm("initiatives.release_edition")
        buttons = {"edit", "put_in"}
        buttons |= {"take_out"} if texts else {"delete"}
        buttons |= {"agree"} if texts and mine != present else set()
        buttons |= {"disagree"} if mine else set()
        return buttons | (
            {"release"} if texts and plan.us_digest == plan.mx_digest == present and has_come and may_release else set()
        )

    def _act(self, request, plan):
        """Do what a button of the page asks for."""
        do = {
            "agree": self._agree,
            "disagree": self._disagree,
            "take_out": self._take_out,
            "release": self._release,
            "delete": self._delete,
        }.get(request.POST.get("verb"))
        if do is None:
            raise PermissionDenied
        if do in (self._agree, self._release):
            reauthentication.require_recent(request)
        try:
            if do == self._release and request.POST.get("confirmed") != release_plans.plan_digest(plan):
                return self._confirm_release(request, plan)
            message = do(request, plan)
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
        else:
            self.message_user(request, message, messages.SUCCESS)
        gone = not ReleasePlan.objects.filter(pk=plan.pk).exists()
        return HttpResponseRedirect(admin_url("hled_portal_releaseplan_changelist") if gone else reading.plan_url(plan))

    def _agree(self, request, plan):
        posted = request.POST
        release_plans.agree_to_plan(plan, request.user, posted.get("seen", ""), posted.get("word", ""))
        return _t("Your delegation agrees to this time and these texts.")

    def _disagree(self, request, plan):
        release_plans.disagree(plan, request.user)
        return _t("Your delegation's agreement was withdrawn.")

    def _take_out(self, request, plan):
        tokens = set(request.POST.getlist("text"))
        texts = [text for text in release_plans.plan_texts(plan) if reading.text_token(text) in tokens]
        if not texts:
            raise ValidationError(_t("Select at least one text."))
        release_plans.remove_texts(plan, texts, request.user)
        count = len(texts)
        return ngettext("%(count)d text removed.", "%(count)d texts removed.", count) % {"count": count}

    def _confirm_release(self, request, plan):
        """Ask before anything becomes public; a plan that changed meanwhile is shown again. Raises Refused."""
        texts = release_plans.plan_texts(plan)
        reasons = release_plans.refusals_of_publishing_now(plan, request.user)
        reasons = reasons or [obstacle.reason for obstacle in release_plans.find_obstacles(plan, texts)]
        if reasons:
            raise ValidationError(reasons)
        return self._page(
            request,
            "publish",
            _t("Publish now"),
            plan=plan,
            rows=[{"text": text} for text in texts],
            concerns=clearance.unexplained_concerns(texts, request.user, ""),
            hidden={"verb": "release", "confirmed": release_plans.plan_digest(plan, texts)},
            back=reading.plan_url(plan),
        )

    def _release(self, request, plan):
        made = release_plans.publish_now(plan, request.user, request.POST.get("word", ""))
        return _t("Published (publication %(number)s).") % {"number": made.publication}

    def _delete(self, request, plan):
        release_plans.delete(plan, request.user)
        return _t("The empty release was deleted.")

    # Putting texts in

    def choose_view(self, request, pk):
        plan = self._found(request, pk, change=True)
        every = reading.open_texts()
        kind, pillar = (request.GET.get(name, "") for name in ("kind", "pillar"))
        shown = [
            text
            for text in every
            if kind in ("", reading.text_kind(text)) and pillar in ("", reading.text_pillar(text))
        ]
        if request.method == "POST":
            tokens = set(request.POST.getlist("text"))
            texts = shown if "all" in request.POST else [text for text in every if reading.text_token(text) in tokens]
            try:
                if not texts:
                    raise ValidationError(_t("Select at least one text."))
                release_plans.add_texts(plan, texts, request.user)
            except ValidationError as refused:
                for reason in refused.messages:
                    self.message_user(request, reason, messages.ERROR)
            else:
                count = len(texts)
                message = ngettext("%(count)d text added.", "%(count)d texts added.", count) % {"count": count}
                self.message_user(request, message, messages.SUCCESS)
                return HttpResponseRedirect(reading.plan_url(plan))
        kinds = sorted(
            {(reading.text_kind(text), str(reading.kind_label(text))) for text in every}, key=lambda pair: pair[1]
        )
        return self._page(
            request,
            "release_plan_choose",
            _t("Add texts to “%(plan)s”") % {"plan": plan.name},
            plan=plan,
            rows=[reading.text_row(text, None) for text in shown],
            kinds=kinds,
            pillars=sorted({reading.text_pillar(text) for text in every} - {""}),
            kind=kind,
            pillar=pillar,
        )

    # The texts as one document

    def docx_view(self, request, pk):
        from initiatives.editions import release_document

        plan = self._found(request, pk)
        language = request.GET.get("language", active_language())
        if not request.user.has_perm("initiatives.view_edition") or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        if language not in (*LANGUAGES, release_document.BOTH):
            raise Http404
        words = language if language in LANGUAGES else active_language()
        made = release_document.build_release_document(
            plan, _readable(request.user, release_plans.plan_texts(plan)), language, words
        )
        name = f"{slugify(plan.name)[:60] or plan.pk}-{language}.docx"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
        return HttpResponse(made, content_type=WORD, headers=headers)


def _obstacles(plan, texts, user) -> list[release_plans.Obstacle]:
    """What keeps the job from publishing the plan."""
    if plan.release_id is not None:
        return []
    late = release_plans.find_late_concerns(plan, texts, user.delegation or "-")
    return release_plans.find_obstacles(plan, texts) + late


def _readable(user, texts: list) -> list:
    """The texts of tables that the user may read: answers to recommendations are not for every editor."""
    return [text for text in texts if user.has_perm(f"{text._meta.app_label}.view_{text._meta.model_name}")]
