"""Who may do what: each role is a group, and this is the whole declaration of its permissions."""

from dataclasses import dataclass

from django.apps import apps

# Frozen texts, their index and jobs of files: only the verbs write them, in the admin too.
FROZEN = {"edition", "facet", "entry", "release", "publication", "publicversion", "filejob", "filepart"}
FROZEN |= {"factsheet", "factsheetdraft"}
FROZEN |= {"response", "responselink", "publishedrecommendation", "move", "consultationedition"}
# Addresses of people who follow, and letters with their senders: no role has them with the rest of the app.
PRIVATE = {"follower", "follow", "followrequest", "digest"}
LETTERS = ("letter", "point", "letterpart", "attachment", "correction", "objection", "asking", "note", "assignment")
PRIVATE |= {*LETTERS, "letterdraft", "handover", "recommendationword", "fileofletters"}


@dataclass(frozen=True)
class Role:
    """A group: actions on every table of an app (`{"initiatives": ("view", "change")}`), and permissions by name.

    Of frozen tables, `tables` grants nothing but `view`; of private ones nothing at all.
    """

    name: str
    tables: dict[str, tuple[str, ...]]
    permissions: tuple[str, ...] = ()

    def codenames(self) -> set[str]:
        """Every permission of the role, as `app_label.codename`."""
        names = set(self.permissions)
        for app_label, actions in self.tables.items():
            for model in apps.get_app_config(app_label).get_models():
                if model._meta.model_name in PRIVATE:
                    continue
                allowed = {"view"} if _is_kept(model) else set(actions)
                names |= {f"{app_label}.{action}_{model._meta.model_name}" for action in allowed & set(actions)}
        return names


def _is_kept(model) -> bool:
    """Whether nobody changes its rows by hand: a frozen text, its index, or the history of a table."""
    return model._meta.model_name in FROZEN or hasattr(model, "instance_type")


VIEW_ONLY = ("view",)
EDIT = ("view", "add", "change")
#: Of the record, what was never published can be deleted (`initiatives/editions/deletion.py`).
KEEP_RECORD = (*EDIT, "delete")

ROLES = [
    Role(
        "editor",
        {"initiatives": KEEP_RECORD},
        (
            "initiatives.propose_edition",
            "initiatives.propose_factsheet",
            "hled_portal.view_releaseplan",
            "hled_portal.view_step",
        ),
    ),
    Role(
        "officer",
        {"initiatives": VIEW_ONLY},
        (
            "initiatives.clear_edition",
            "initiatives.release_edition",
            "initiatives.propose_factsheet",
            "initiatives.clear_factsheet",
            "initiatives.release_factsheet",
            "stakeholders.view_response",
            "stakeholders.view_responselink",
            "stakeholders.clear_response",
            "stakeholders.release_response",
            "stakeholders.view_consultationedition",
            "stakeholders.clear_consultationedition",
            "stakeholders.release_consultationedition",
            "hled_portal.view_releaseplan",
            "hled_portal.add_releaseplan",
            "hled_portal.change_releaseplan",
            "hled_portal.view_step",
        ),
    ),
    Role(
        "recommendations",
        {"initiatives": VIEW_ONLY, "stakeholders": EDIT},
        (
            *(f"stakeholders.view_{table}" for table in LETTERS),
            "stakeholders.propose_response",
            "stakeholders.propose_consultationedition",
            "hled_portal.view_releaseplan",
            "hled_portal.view_step",
        ),
    ),
    Role(
        "auditor",
        {"initiatives": VIEW_ONLY, "stakeholders": VIEW_ONLY},
        (
            "hled_portal.view_release",
            "hled_portal.view_publication",
            "hled_portal.view_releaseplan",
            "hled_portal.view_step",
        ),
    ),
    Role(
        "administrator",
        {},
        (
            "stakeholders.view_follower",
            "stakeholders.delete_follower",
            "hled_portal.view_jobstate",
            "hled_portal.view_mail",
            "hled_portal.view_signin",
            "hled_portal.view_accountchange",
            "hled_portal.view_user",
            "hled_portal.add_user",
            "hled_portal.change_user",
            "auth.view_group",
        ),
    ),
]


def install_roles(using="default", **kwargs) -> list[str]:
    """Make each role's group hold exactly what is declared here. Runs after every migration, to the same end.

    A permission that is not there yet belongs to an app whose migrations come later; a wrong name is
    found by the tests. Returns a line for each group that was made and each permission given or taken.
    """
    from django.contrib.auth.models import Group, Permission

    known = {
        f"{app_label}.{codename}": key
        for key, app_label, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    names = {key: name for name, key in known.items()}
    lines = []
    for role in ROLES:
        group, created = Group.objects.using(using).get_or_create(name=role.name)
        wanted = {known[name] for name in role.codenames() if name in known}
        held = set(group.permissions.values_list("pk", flat=True))
        if wanted != held:
            group.permissions.set(wanted)
        lines += [f"{role.name}: a new group"] if created else []
        lines += sorted(f"{role.name}: + {names[key]}" for key in wanted - held)
        lines += sorted(f"{role.name}: - {names[key]}" for key in held - wanted)
    return lines
