"""The production server."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from hled_portal.settings import DEVELOPMENT_KEY, VAR_DIR, read

KEY_LENGTH, TOKEN_LENGTH = 50, 32
#: First parts of addresses of the portal outside the staff site.
TAKEN_PATHS = {"api", "health", "media", "oidc", "static", *dict(settings.LANGUAGES)}


def refusals():
    """Yield the reason of each setting that must not serve the public."""
    if settings.DEBUG:
        yield "DEBUG is on."
    yield from key_refusals("SECRET_KEY", _secret_key())
    for key in settings.SECRET_KEY_FALLBACKS:
        yield from key_refusals("SECRET_KEY_FALLBACKS", key)
    if not settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS is empty. List the portal's host names."
    if any(host.strip() == "*" or host.strip().startswith(".") for host in settings.ALLOWED_HOSTS):
        yield "ALLOWED_HOSTS contains * or a name that starts with a dot. List complete host names."
    if settings.PORTAL_READERS not in {"public", "login"}:
        yield "PORTAL_READERS must be public or login."
    if not settings.EMAIL_URL:
        yield (
            "EMAIL_URL is not set. Enter the mail server, such as smtp+tls://user:password@host:587. "
            "EMAIL_URL=consolemail:// prints messages instead, including private links."
        )
    if settings.TRUST_PROXY is None:
        yield (
            "TRUST_PROXY must be 0 or 1. With 1, X-Forwarded-Proto and X-Forwarded-For are trusted: use it only "
            "behind a proxy that sets both. With 0 they are ignored."
        )
    if settings.SITE_URL and not settings.SITE_URL.startswith("https://"):
        yield "SITE_URL must start with https://."
    if len(settings.SUBMISSION_LIMITS) not in (1, 2) or min(settings.SUBMISSION_LIMITS) < 0:
        yield "SUBMISSION_LIMITS must be one or two numbers, such as 10,300, or 0 for no limits."
    if not re.fullmatch(r"[\w.-]+|\[[0-9a-fA-F:]+\]", settings.LISTEN):
        yield "LISTEN must be the address of a network interface, such as 127.0.0.1 or [::1]."
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < TOKEN_LENGTH:
        yield f"METRICS_TOKEN is too easy to guess. Use at least {TOKEN_LENGTH} random characters."
    yield from single_sign_on_refusals()
    yield from contact_refusals()
    yield from admin_path_refusals()
    yield from media_refusals()


def single_sign_on_refusals():
    """Half a configuration, and what would take an identity over a line that anybody can read and change."""
    parts = settings.OIDC_PARTS
    missing = [f"OIDC_{name}" for name, value in parts.items() if not value]
    if missing and len(missing) < len(parts):
        yield f"Single sign-on is not complete: {', '.join(missing)} must be set, or no OIDC_ setting."
    for name, value in parts.items():
        if value and not name.startswith("RP_") and not value.startswith("https://"):
            yield f"OIDC_{name} must start with https://."
    if not re.fullmatch("(RS|ES)(256|384|512)", settings.OIDC_RP_SIGN_ALGO):
        yield "OIDC_RP_SIGN_ALGO must be a signature by a public key, such as RS256 or ES256."


def contact_refusals():
    try:
        validate_email(settings.CONTACT)
    except ValidationError:
        yield "CONTACT must be the email address for errors, barriers and questions, which pages show."


def admin_path_refusals():
    """The staff site must not hide a page of the portal, nor be hidden by one."""
    parts = settings.ADMIN_PATH.strip("/").split("/")
    if not all(re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in parts):
        yield "ADMIN_PATH must consist of letters, digits, hyphens and slashes."
    elif parts[0] in TAKEN_PATHS:
        yield f"ADMIN_PATH must not begin with {parts[0]}/, where other pages of the portal are."


def media_refusals():
    """What stakeholders sent must not be where files are served from."""
    media = Path(settings.MEDIA_ROOT).resolve()
    for folder in map(Path, (settings.STATIC_ROOT, *settings.STATICFILES_DIRS)):
        served = folder.resolve()
        if media.is_relative_to(served) or served.is_relative_to(media):
            yield f"MEDIA_ROOT must not be inside {folder} or contain it: files there are public."
    if Path(settings.REMOVALS_FILE).resolve().is_relative_to(media):
        yield "REMOVALS_FILE must not be inside MEDIA_ROOT, which is empty when a backup is restored."


def key_refusals(name, key):
    if not key:
        yield f"{name} is not set."
    elif key == DEVELOPMENT_KEY or key.startswith("django-insecure-"):
        yield f"{name} still has its development value."
    elif len(key) < KEY_LENGTH or len(set(key)) < 5:
        yield f"{name} is too easy to guess. Use at least {KEY_LENGTH} random characters."


def _secret_key() -> str:
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:  # Raised for an empty key.
        return ""


class Command(BaseCommand):
    help = (
        "Start the production server on $LISTEN:$PORT (127.0.0.1:8000), with background jobs unless JOBS=0. "
        "Does not start with unsafe settings and says why."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="only check the settings")

    def handle(self, check=False, **options):
        reasons = list(refusals())
        if reasons:
            raise CommandError("Not started:\n" + "\n".join(f"  - {reason}" for reason in reasons))
        if check:
            return
        if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
            raise CommandError("Not started. Run `manage.py collectstatic` first.")
        sys.stdout.flush()
        start_jobs()
        if settings.METRICS_TOKEN:
            prepare_metrics()
        arguments = server_arguments()
        os.chdir(settings.BASE_DIR)
        os.execv(arguments[0], arguments)


def start_jobs() -> None:
    """Start the background jobs: this process becomes the server, and the jobs end with it."""
    if settings.JOBS:
        work = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--beside", str(os.getpid())]
        subprocess.Popen(work, stdin=subprocess.DEVNULL)


def prepare_metrics() -> None:
    """An empty folder in which the processes of this server count together."""
    folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", f"{VAR_DIR}/metrics-{settings.PORT}"))
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        path.unlink()


def server_arguments() -> list[str]:
    """The command line of the server. It trusts no forwarded header itself: TRUST_PROXY decides in Django."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        f"--bind={settings.LISTEN}:{read('PORT', 'int', 8000, 'must be a number.')}",
        f"--workers={read('WORKERS', 'int', 3, 'must be a number.')}",
        "--worker-class=gthread",
        f"--threads={read('THREADS', 'int', 16, 'must be a number.')}",
        "--config=python:hled_portal.gunicorn_settings",
        "--forwarded-allow-ips=",
        "--no-control-socket",
        "--max-requests=10000",
        "--max-requests-jitter=1000",
        "--graceful-timeout=20",
        f"--chdir={settings.BASE_DIR}",
        "hled_portal.wsgi:application",
    ]
