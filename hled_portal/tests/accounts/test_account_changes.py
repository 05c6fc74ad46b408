"""No administrator alone makes an account act for a delegation."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group
from django_otp.plugins.otp_totp.models import TOTPDevice

from hled_portal.models import AccountChange, Mail, User
from hled_portal.tests import factories as make
from hled_portal.tests.pages import form_data, get_form, page

pytestmark = pytest.mark.django_db
NEW = "una frase larga 7"
CHANGES = page(AccountChange, "changelist")


@pytest.fixture
def cast():
    """Officers of both delegations, an editor, two administrators and a superuser, all with addresses."""
    cast = make.make_cast()
    cast.sam, cast.tom = (make.make_user(name, "administrator") for name in ("sam", "tom"))
    cast.root = make.make_user("root", is_superuser=True)
    for user in vars(cast).values():
        user.email = f"{user.username}@example.org"
        user.save()
    return cast


def save(client, user, **changes):
    address = page(User, "change", user.pk)
    answer = client.post(address, form_data(get_form(client, address)) | changes)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    user.refresh_from_db()


def decide(client, administrator, action: str = "approve_changes"):
    client.force_login(administrator)
    return client.post(CHANGES, {"action": action, "_selected_action": [row.pk for row in AccountChange.objects.all()]})


def set_password(client, user):
    typed = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert client.post(f"/admin/hled_portal/user/{user.pk}/password/", typed).status_code == 302
    user.refresh_from_db()


@pytest.mark.parametrize("administrator", ["sam", "root"])
def test_one_administrator_sets_no_password_of_an_approver(cast, client, administrator):
    administrator = getattr(cast, administrator)
    client.force_login(administrator)
    set_password(client, cast.luis)
    set_password(client, cast.carl)
    assert not any(check_password(NEW, user.password) for user in (cast.luis, cast.carl))
    decide(client, administrator)
    assert AccountChange.objects.count() == 2
    decide(client, cast.tom)
    for user in (cast.luis, cast.carl):
        user.refresh_from_db()
        assert check_password(NEW, user.password)
    assert not AccountChange.objects.exists()


def test_whose_account_it_is_approves_nothing_either(cast, client):
    cast.tom.groups.add(Group.objects.get(name="recommendations"))
    client.force_login(cast.sam)
    set_password(client, cast.tom)
    decide(client, cast.tom)
    assert AccountChange.objects.exists()


def roles(*names: str) -> list[int]:
    return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("luis", lambda: {"delegation": "US"}),
        ("luis", lambda: {"email": "sam@example.org"}),
        ("luis", lambda: {"groups": roles("editor")}),
        ("ana", lambda: {"groups": roles("officer")}),
    ],
)
def test_what_an_approver_may_do_is_changed_by_two(cast, client, name, changes):
    def rights():
        return user.delegation, user.email, [group.name for group in user.groups.all()]

    user = getattr(cast, name)
    before = rights()
    client.force_login(cast.sam)
    save(client, user, first_name="New", **changes())
    assert (rights(), user.first_name) == (before, "New")
    decide(client, cast.tom)
    user.refresh_from_db()
    assert rights() != before


def test_other_accounts_and_deactivating_need_one(cast, client):
    client.force_login(cast.sam)
    set_password(client, cast.ana)
    assert check_password(NEW, cast.ana.password)
    save(client, cast.ana, delegation="US")
    save(client, cast.luis, is_active="")
    assert (cast.ana.delegation, cast.luis.is_active) == ("US", False)
    assert not AccountChange.objects.exists()


def test_the_second_factor_is_reset_by_two(cast, client):
    TOTPDevice.objects.create(user=cast.luis, confirmed=True)
    client.force_login(cast.sam)
    client.post(page(User, "changelist"), {"action": "reset_second_factor", "_selected_action": [cast.luis.pk]})
    assert TOTPDevice.objects.exists()
    decide(client, cast.tom)
    assert not TOTPDevice.objects.exists()


def recipients(**conditions) -> set[str]:
    return {row.recipient.partition("@")[0] for row in Mail.objects.filter(**conditions)}


def test_the_owner_at_both_addresses_and_both_delegations_are_notified(cast, client):
    client.force_login(cast.sam)
    save(client, cast.luis, email="other@example.org")
    assert recipients() == {"luis", "carl"}
    decide(client, cast.tom)
    assert recipients(event__endswith="/made") == {"luis", "carl", "other"}


def test_the_log_keeps_who_requested_and_who_approved(cast, client):
    client.force_login(cast.sam)
    save(client, cast.luis, delegation="US")
    decide(client, cast.tom)
    lines = [(entry.user.username, entry.change_message) for entry in LogEntry.objects.order_by("pk")]
    assert ("sam", "Requested: delegation, roles or address.") in lines
    assert ("tom", "Approved: delegation, roles or address, requested by sam.") in lines
    assert ("tom", '[{"grants": {"delegation": ["MX", "US"]}}]') in lines


def test_a_rejected_change_is_not_made(cast, client):
    client.force_login(cast.sam)
    set_password(client, cast.luis)
    decide(client, cast.tom, "reject_changes")
    cast.luis.refresh_from_db()
    assert not check_password(NEW, cast.luis.password)
    assert not AccountChange.objects.exists()
