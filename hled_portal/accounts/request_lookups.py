"""What every request of a signed-in user reads: session, account, permissions. Their SQL is compiled once."""

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from hled_portal.publishing import prepared_queries


def _session(key, now):
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        rows = prepared_queries.fetch(_session, key=self.session_key, now=timezone.now())
        if not rows:
            self._session_key = None
        return rows[0] if rows else None


def _user(pk):
    return get_user_model()._default_manager.filter(pk=pk)


def _user_permissions(pk):
    return _named(Permission.objects.filter(user=pk))


def _group_permissions(pk):
    return _named(Permission.objects.filter(group__user=pk))


def _all_permissions():
    return _named(Permission.objects.all())


def _named(permissions):
    return permissions.values_list("content_type__app_label", "codename").order_by()


class PermissionsBackend(ModelBackend):
    def get_user(self, user_id):
        rows = prepared_queries.fetch(_user, pk=user_id)
        return rows[0] if rows and self.user_can_authenticate(rows[0]) else None

    def _get_permissions(self, user_obj, obj, from_name):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        kept = f"_{from_name}_perm_cache"
        if not hasattr(user_obj, kept):
            if user_obj.is_superuser:
                rows = prepared_queries.fetch_raw(_all_permissions)
            else:
                build = _user_permissions if from_name == "user" else _group_permissions
                rows = prepared_queries.fetch_raw(build, pk=user_obj.pk)
            setattr(user_obj, kept, {f"{app}.{name}" for app, name in rows})
        return getattr(user_obj, kept)
