"""Proposing at the desk: rows that are subjects of editions."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .. import editions
from .base import RecordAdmin


class ProposableAdmin(RecordAdmin):
    """A table whose rows are subjects of editions."""

    actions = ("propose",)

    def has_propose_permission(self, request, obj=None):
        return request.user.has_perm("initiatives.propose_edition")

    @admin.action(description=_("Propose for clearance"), permissions=["propose"])
    def propose(self, request, queryset):
        for subject in queryset.order_by("key"):
            try:
                made = editions.propose(self.opts.model_name, subject.key, request.user)
            except ValidationError as refused:
                for reason in refused.messages:
                    self.message_user(request, f"{subject.key}: {reason}", messages.ERROR)
            else:
                names = ", ".join(edition.name for edition in made)
                self.message_user(
                    request, _t("Proposed for clearance: %(texts)s.") % {"texts": names}, messages.SUCCESS
                )
