"""What both delegations agreed to of a release to come: the texts of a plan, their digest, and whether it stands.

Apart from `release_plans`, because `releasing` asks it too before it releases.
"""

import datetime

from hled_portal.models import ReleasePlan, Removal, StepAction

from .canonical_json import canonical, digest
from .signed_text import Signed, signed_models

#: On the list of removals.
AGREEMENT_ENDED = "agreement to a release ended"
#: What ends the agreement to a plan, whether it is done to the plan or to one of its texts.
ENDING = frozenset(
    {
        *(StepAction.CHANGED, StepAction.DISAGREED, StepAction.DELETED, StepAction.PLANNED, StepAction.UNPLANNED),
        *(StepAction.RETURNED, StepAction.TAKEN_BACK, StepAction.REPLACED),
    }
)


def list_step(action: str, plan_pk: int | None) -> None:
    """Let no restored backup publish what both delegations had agreed to before this step."""
    if plan_pk and action in ENDING:
        Removal.objects.create(kind=AGREEMENT_ENDED, name=str(plan_pk))


def end_again(name: str, _detail: str) -> None:
    """After a restore: both delegations agree anew before the job publishes the plan."""
    none = {"us_officer": None, "us_digest": "", "mx_officer": None, "mx_digest": ""}
    ReleasePlan.objects.filter(pk=name, release=None).update(**none)


def plan_texts(plan: ReleasePlan) -> list[Signed]:
    """Every text of the plan, with who signed it, in a stable order. One query for each signed table."""
    officers = ("author", "us_officer", "mx_officer")
    rows = (model._default_manager.filter(plan=plan).select_related(*officers) for model in signed_models())
    return [text for found in rows for text in found.order_by("pk")]


def plan_digest(plan: ReleasePlan, texts: list[Signed] | None = None) -> str:
    """SHA-256 over the minute and the digests of the texts: what an agreement is given to."""
    texts = plan_texts(plan) if texts is None else texts
    at = plan.at.astimezone(datetime.UTC).isoformat(timespec="seconds") if plan.at else None
    return digest(canonical({"at": at, "texts": sorted(text.digest for text in texts)}))


def is_agreed(plan: ReleasePlan, texts: list[Signed] | None = None) -> bool:
    """Whether both sides agreed to the plan as it stands."""
    if not plan.us_digest or plan.us_digest != plan.mx_digest:
        return False
    return plan.us_digest == plan_digest(plan, texts)
