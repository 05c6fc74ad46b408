"""The current selection of initiatives, as files and feeds take it: that of the list, and what they alone narrow by."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment
from initiatives.models import Edition
from initiatives.vocabulary.actions import FactKind

from .initiative_filters import InitiativeFilter


@dataclass(frozen=True)
class Selection:
    """`editions` are empty where `errors` (messages by parameter) are not; no `fact_kinds` means all of them."""

    editions: QuerySet
    errors: dict[str, list[str]]
    query: str
    fact_kinds: list[str]


def parse_selection(params: QueryDict, at: Moment, *, facts: bool = False) -> Selection:
    """Read a selection: the parameters of the list, and `initiative`, the keys of some of them.

    Where `facts` are taken away, `kind` names kinds of facts too. No word means one of each.
    """
    params = params.copy()
    kinds, keys = params.getlist("kind"), sorted(set(params.getlist("initiative")) - {""})
    fact_kinds = sorted({kind for kind in kinds if facts and kind in FactKind.values})
    params.setlist("kind", [kind for kind in kinds if kind not in fact_kinds])
    filters = InitiativeFilter(params, at)
    errors = {} if filters.is_valid() else {name: list(messages) for name, messages in filters.errors.items()}
    editions = filters.qs
    if keys:
        errors |= _unknown(keys, at)
        editions = editions.filter(subject_key__in=keys)
    query = QueryDict(filters.query_string, mutable=True)
    query.setlist("initiative", keys)
    query.setlist("kind", query.getlist("kind") + fact_kinds)
    return Selection(editions.none() if errors else editions, errors, query.urlencode(), fact_kinds)


def _unknown(keys: list[str], at: Moment) -> dict[str, list[str]]:
    public = Edition.objects.public(at).initiatives().filter(subject_key__in=keys).order_by()
    unknown = sorted(set(keys) - set(public.values_list("subject_key", flat=True)))
    messages = [_("“%(key)s” is not the key of a published initiative.") % {"key": key} for key in unknown]
    return {"initiative": messages} if messages else {}
