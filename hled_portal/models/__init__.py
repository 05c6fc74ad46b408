"""Users, the publication log, the workflow of signed texts, jobs and mail."""

from .account_changes import AccountChange, SignIn
from .background import AttemptCount, JobState, Mail, MailQuerySet
from .publication import Publication, PublicationAction, PublicVersion, Release
from .removals import Removal
from .users import User
from .workflow import Opening, PendingStepNotification, PreviewLink, ReleasePlan, Remark, Step, StepAction

__all__ = [
    "User",
    "AccountChange",
    "SignIn",
    "Release",
    "PublicationAction",
    "Publication",
    "PublicVersion",
    "JobState",
    "MailQuerySet",
    "Mail",
    "AttemptCount",
    "StepAction",
    "Step",
    "PendingStepNotification",
    "Opening",
    "PreviewLink",
    "Remark",
    "ReleasePlan",
    "Removal",
]
