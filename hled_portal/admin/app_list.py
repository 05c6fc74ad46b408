"""The tables of the staff site in the order of the work, in place of Django's alphabet of apps."""

from django.utils.translation import gettext_lazy as _

#: Groups and their tables; what is named nowhere comes last, under its app's own name.
GROUPS = (
    (
        "record",
        _("Initiatives and progress"),
        "initiatives.Initiative initiatives.Fact initiatives.Reading initiatives.DateChange initiatives.Link "
        "initiatives.Participation initiatives.Citation",
    ),
    (
        "signing",
        _("Approvals and publication"),
        "initiatives.Edition initiatives.FactSheet hled_portal.ReleasePlan hled_portal.Step hled_portal.Release "
        "hled_portal.Publication",
    ),
    (
        "dialogue",
        _("Dialogue"),
        "initiatives.Meeting initiatives.Heading initiatives.Attendance initiatives.Cycle initiatives.Pillar "
        "initiatives.Workstream",
    ),
    (
        "register",
        _("Reference lists"),
        "initiatives.Organization initiatives.OrganizationName initiatives.Succession initiatives.Place "
        "initiatives.Topic initiatives.Source initiatives.Alias",
    ),
    (
        "recommendations",
        _("Recommendations"),
        "stakeholders.Letter stakeholders.Recommendation stakeholders.Consultation "
        "stakeholders.ConsultationEdition stakeholders.Area stakeholders.Campaign stakeholders.Tag "
        "stakeholders.ResponseDraft stakeholders.Response "
        "stakeholders.PublishedRecommendation",
    ),
    (
        "people",
        _("Accounts and reporting requirements"),
        "initiatives.ReportingDuty initiatives.Staff hled_portal.User hled_portal.AccountChange auth.Group "
        "stakeholders.Follower",
    ),
    (
        "running",
        _("System"),
        "initiatives.FileJob hled_portal.JobState hled_portal.Mail hled_portal.SignIn",
    ),
)


def grouped(app_list: list[dict]) -> list[dict]:
    """Django's list of apps as groups in the order of the work, each table once."""
    tables = {f"{app['app_label']}.{table['object_name']}": table for app in app_list for table in app["models"]}
    groups = []
    for name, title, labels in GROUPS:
        here = [tables.pop(label) for label in labels.split() if label in tables]
        if here:
            groups.append({"name": title, "app_label": name, "app_url": "", "models": here, "has_module_perms": True})
    for app in app_list:
        rest = [table for label, table in tables.items() if label.startswith(f"{app['app_label']}.")]
        if rest:
            groups.append(app | {"models": rest})
    return groups
