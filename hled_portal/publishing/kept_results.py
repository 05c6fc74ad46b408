"""What is read or counted once for each version of the public record, and kept by this process.

The version changes with each release and withdrawal and when the index is rebuilt. It is read once for each request,
before what it stands for: what changes meanwhile has another version. What is kept belongs to all requests and is
never changed.
"""

from collections.abc import Callable
from functools import lru_cache, wraps

from django.db.models import Subquery

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from hled_portal.models import Publication, PublicVersion

from . import prepared_queries

_kept = []

#: Pillars and moments for which a count or a short list is kept.
USUAL_SIZE = 64


def keep(size: int = USUAL_SIZE, *, in_language: bool = True) -> Callable:
    """Keep the last `size` results of a function of a moment and of values that name all that it depends on.

    `in_language`: it depends on the reader's language too.
    """

    def decorate(build: Callable) -> Callable:
        @lru_cache(maxsize=size)
        def result(_version: tuple, _language: str, *arguments, **values):
            return build(*arguments, **values)

        @wraps(build)
        def read(at: Moment, *arguments, **values):
            return result(version(at), active_language() if in_language else "", at, *arguments, **values)

        _kept.append(result)
        return read

    return decorate


def version(at: Moment) -> tuple:
    """The count of public changes, and the head of the publication log, which tells apart what a restored backup
    counts a second time. One query, the first time in a request.
    """
    if at.read is None:
        return _read_version()
    if "version" not in at.read:
        at.read["version"] = _read_version()
    return at.read["version"]


def forget_results() -> None:
    """Tests roll back what they published."""
    for result in _kept:
        result.cache_clear()


def _read_version() -> tuple:
    return next(iter(prepared_queries.fetch_raw(_version)), ())


def _version():
    head = Publication.objects.order_by("-position").values("hash")[:1]
    return PublicVersion.objects.filter(pk=1).values_list("value", Subquery(head))
