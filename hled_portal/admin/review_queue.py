"""The review queue: what waits for approval by an officer's delegation, as a list and one after another."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hled_portal.publishing import review_queue


class QueueMixin:
    """Work on many texts: it goes on where it ended, and what was never opened is marked."""

    #: Names of the filters and their labels.
    queue_filters = {"plan": _("release")}

    def queue_facets(self):
        """What a text is filtered by: a function from a text to value and words for each filter."""
        return lambda text: {"plan": (str(text.plan_id), str(text.plan)) if text.plan_id else ("", "")}

    def build_queue(self, user, params: dict[str, str]) -> review_queue.Queue:
        return review_queue.build_queue(self.model, user, self.queue_facets(), params)

    def _filter_params(self, data) -> dict[str, str]:
        return {name: data.get(name, "") for name in self.queue_filters if data.get(name)}

    def queue_view(self, request):
        return require_safe(self._queue_page)(request)

    def _queue_page(self, request):
        """Everything that waits under the filters. As many queries for 140 texts as for one."""
        if not self.has_clear_permission(request):
            raise PermissionDenied
        params = self._filter_params(request.GET)
        queue = self.build_queue(request.user, params)
        query = urlencode(params)
        following = queue.next()
        context = {
            "queue": queue,
            "query": query,
            "all_chosen": request.GET.get("chosen") == "all",
            "filters": [
                {"name": name, "label": label, "value": params.get(name, ""), "choices": queue.choices.get(name, [])}
                for name, label in self.queue_filters.items()
            ],
            "continue_url": self.change_url(following, query) if following else "",
            "rows": [(row, self.change_url(row.text, query)) for row in queue.rows],
        }
        return self.respond(request, "signed_queue", title=_t("Awaiting my delegation's approval"), **context)

    def change_url(self, text, query: str | None = None) -> str:
        """The page of a text; as a step of the queue where its filters are given."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[text.pk])
        return address if query is None else f"{address}?{urlencode({'queue': query})}"

    def queue_address(self, request) -> str:
        """The address of the queue that sent this request; empty where none did."""
        query = request.POST.get("queue")
        if query is None:
            return ""
        params = self._filter_params(QueryDict(query))
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_queue") + (
            f"?{urlencode(params)}" if params else ""
        )

    def following(self, request, text) -> str:
        """The text after this one in the queue from which the request came; empty where it came from none."""
        if "queue" not in request.POST:
            return ""
        params = self._filter_params(QueryDict(request.POST["queue"]))
        queue = self.build_queue(request.user, params).next(after=text.pk)
        return self.change_url(queue, urlencode(params)) if queue else self.queue_address(request)

    def bar(self, request, text) -> dict | None:
        """The place of the text in the queue, and what comes after it; None outside of a queue."""
        query = request.POST.get("queue", request.GET.get("queue"))
        if query is None or not self.has_clear_permission(request):
            return None
        params = self._filter_params(QueryDict(query))
        queue = self.build_queue(request.user, params)
        later = queue.next(after=text.pk)
        return {
            "queue": queue,
            "place": queue.place(text),
            "query": urlencode(params),
            "later": self.change_url(later, urlencode(params)) if later else "",
        }
