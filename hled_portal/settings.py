"""Settings, all of them from the environment. Unset, the portal is closed: DEBUG is off and it has no key."""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
(VAR_DIR / "assets").mkdir(parents=True, exist_ok=True)

env = environ.Env()


def read(name: str, kind: str, default, reason: str, limits: tuple[int, int] | None = None):
    """A setting whose unreadable value stops the portal with its name and what it must be."""
    try:
        if kind == "db" and env.str(name, default=default) == "":
            raise ValueError
        value = getattr(env, kind)(name, default=default)
        if limits and not limits[0] <= value <= limits[1]:
            raise ValueError
        return value
    except (ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} {reason}") from error


DEBUG = env.bool("DEBUG", default=False)

# Only development has a key of its own; `manage.py serve` refuses to start with this one or with none.
DEVELOPMENT_KEY = "django-insecure-for-development-only"
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_KEY if DEBUG else "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])

SITE_URL = env.str("SITE_URL", default="").rstrip("/")
SITE_OWNERS = env.str("SITE_OWNERS", default="")
CONTACT = env.str("CONTACT", default="")  # The e-mail address for mistakes, barriers and questions.
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/").strip("/") + "/"
PORTAL_READERS = env.str("PORTAL_READERS", default="public")
REPLICA_URL = env.str("REPLICA_URL", default="")
#: Whether X-Forwarded-Proto and X-Forwarded-For are believed; None, which `serve` refuses, for what is neither 0 nor 1.
TRUST_PROXY = {"0": False, "1": True}.get(env.str("TRUST_PROXY", default=""))
LISTEN = env.str("LISTEN", default="127.0.0.1")
PORT = read("PORT", "int", 8000, "must be a number.")
JOBS = env.bool("JOBS", default=True)  # Whether the server starts `manage.py work` beside itself.
#: What strangers may send within an hour: one client address, and all of them together. `0` alone turns both off.
SUBMISSION_LIMITS = [
    int(limit) if limit.strip().isdecimal() else -1 for limit in env.list("SUBMISSION_LIMITS", default=["10", "300"])
]
#: The operator's privacy texts: a directory with mx.es.md, mx.en.md, us.en.md and us.es.md, or files such as
#: `aviso.es.txt`. Without one in each language, production takes no letter.
PRIVACY_TEXTS = env.list("PRIVACY_TEXTS", default=[])
#: ClamAV's daemon, as `host:port` or the path of its socket; unset, files of letters are marked as not scanned.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
#: What Prometheus sends to read /metrics; empty: there are none.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
#: The public key of age to which `manage.py backup` encrypts.
BACKUP_RECIPIENT = env.str("BACKUP_RECIPIENT", default="")

# Days that personal data is kept (docs/privacy.md). A value beyond the limits stops the jobs too.

#: The email address and the contact of a submission, after the last step of a closed one.
KEEP_CONTACTS_DAYS = read("KEEP_CONTACTS_DAYS", "int", 730, "must be a number from 30 to 3650.", (30, 3650))
#: A submission that its sender withdrew.
KEEP_WITHDRAWN_DAYS = read("KEEP_WITHDRAWN_DAYS", "int", 365, "must be a number from 1 to 3650.", (1, 3650))
#: What is not published of a submission, after it was received.
KEEP_SUBMISSIONS_DAYS = read("KEEP_SUBMISSIONS_DAYS", "int", 3650, "must be a number from 365 to 36500.", (365, 36500))
KEEP_SIGN_INS_DAYS = read("KEEP_SIGN_INS_DAYS", "int", 90, "must be a number from 30 to 730.", (30, 730))
#: Address, password and second factor of a deactivated account, after it was last used.
KEEP_ACCOUNTS_DAYS = read("KEEP_ACCOUNTS_DAYS", "int", 365, "must be a number from 30 to 3650.", (30, 3650))

INSTALLED_APPS = [
    "hled_portal",
    "initiatives",
    "stakeholders",
    "hled_portal.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_filters",
    "simple_history",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
]

MIDDLEWARE = [
    "hled_portal.web.request_ids.identify_request",
    "csp.middleware.CSPMiddleware",
    "hled_portal.web.middleware.secure_headers",
    *(["hled_portal.background.metrics.count_requests"] if METRICS_TOKEN else []),
    "hled_portal.background.health.answer_health",  # Before any redirect: probes name any host and speak plain HTTP.
    "hled_portal.web.middleware.client_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "hled_portal.web.middleware.refuse_unreadable",
    "hled_portal.web.page_cache.serve_kept_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hled_portal.accounts.sessions.end_old_sessions",
    "django_otp.middleware.OTPMiddleware",
    *(["django.contrib.auth.middleware.LoginRequiredMiddleware"] if PORTAL_READERS == "login" else []),
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hled_portal.web.http_cache.answer_conditionally",
    *(["hled_portal.web.replica.read_from_replica"] if REPLICA_URL else []),
    "hled_portal.web.middleware.explain_bad_request",
    "hled_portal.accounts.reauthentication.ask_again",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "hled_portal.urls"
WSGI_APPLICATION = "hled_portal.wsgi.application"

TEMPLATE_LOADERS = ["hled_portal.web.template_loader.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", TEMPLATE_LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hled_portal.web.context_processors.portal",
            ],
        },
    },
]

# Database and cache

DATABASE_KINDS = "must be postgres://USER:PASSWORD@HOST/NAME or sqlite:///FILE, or not be set at all."
DATABASES = {
    "default": read("DATABASE_URL", "db", f"sqlite:///{VAR_DIR / 'portal.sqlite3'}", DATABASE_KINDS),
}
if DATABASES["default"].get("ENGINE") not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
    raise ImproperlyConfigured(f"DATABASE_URL {DATABASE_KINDS}")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # FULL: an answer that a reader has seen is on the disk. IMMEDIATE: writers wait in line instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
if REPLICA_URL:
    replica = read("REPLICA_URL", "db", "", DATABASE_KINDS)
    if replica.get("ENGINE") != DATABASES["default"]["ENGINE"]:
        raise ImproperlyConfigured("REPLICA_URL must name a database of the same kind as DATABASE_URL.")
    read_only = (
        {"timeout": 2, "init_command": "PRAGMA query_only=ON;"}
        if replica["ENGINE"] == "django.db.backends.sqlite3"
        else {"connect_timeout": 2, "options": "-c default_transaction_read_only=on"}
    )
    lasting = {name: value for name, value in DATABASES["default"].items() if name.startswith("CONN_")}
    options = {"OPTIONS": replica.get("OPTIONS", {}) | read_only, "TEST": {"MIRROR": "default"}}
    DATABASES["replica"] = lasting | replica | options
    DATABASE_ROUTERS = ["hled_portal.web.replica.ReplicaRouter"]
CACHES = {
    "default": read(
        "CACHE_URL",
        "cache",
        "locmemcache://",
        "must be rediscache://HOST:6379/1 or another cache, or not be set at all.",
    )
}
#: Kept pages (`page_cache.py`) in the same place, under names of their own.
CACHES["pages"] = {**CACHES["default"], "KEY_PREFIX": "pages"}
if CACHES["pages"]["BACKEND"].endswith("LocMemCache"):
    CACHES["pages"] |= {"LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 3000, "CULL_FREQUENCY": 10}}
elif CACHES["pages"]["BACKEND"].endswith(("DatabaseCache", "FileBasedCache")):
    # More than there are slots: the slots are the limit.
    CACHES["pages"]["OPTIONS"] = {**CACHES["pages"].get("OPTIONS", {}), "MAX_ENTRIES": 20_000}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People

AUTH_USER_MODEL = "hled_portal.User"
PERMISSIONS_BACKEND = "hled_portal.accounts.request_lookups.PermissionsBackend"
SESSION_ENGINE = "hled_portal.accounts.request_lookups"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", PERMISSIONS_BACKEND]
# By account and address together: a guesser waits, and no stranger can lock an officer out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "hled_portal.accounts.sign_in.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
#: Seconds after which each refused sign-in is answered.
SIGN_IN_SECONDS = 1.0
#: Whether staff enter a code of an app (TOTP) after the password.
REQUIRE_TOTP = env.bool("REQUIRE_TOTP", default=not DEBUG)
OTP_TOTP_ISSUER = "HLED Portal"
#: Sessions end after so many minutes without a request, and so many hours after the sign-in. 0: they do not.
SESSION_IDLE_MINUTES = read("SESSION_IDLE_MINUTES", "int", 0 if DEBUG else 60, "must be a number.")
SESSION_HOURS = read("SESSION_HOURS", "int", 0 if DEBUG else 12, "must be a number.")
#: Who approves or publishes gave the password within so many minutes. 0: it is not asked for again.
REAUTHENTICATE_MINUTES = read("REAUTHENTICATE_MINUTES", "int", 0 if DEBUG else 15, "must be a number.")
PASSWORD_RESET_TIMEOUT = 3600
# Single sign-on by OpenID Connect: all of these, or none. OIDC_RP_* and OIDC_OP_* are read by mozilla-django-oidc.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_RP_CLIENT_ID = env.str("OIDC_RP_CLIENT_ID", default="")
OIDC_RP_CLIENT_SECRET = env.str("OIDC_RP_CLIENT_SECRET", default="")
OIDC_OP_AUTHORIZATION_ENDPOINT = env.str("OIDC_OP_AUTHORIZATION_ENDPOINT", default="")
OIDC_OP_TOKEN_ENDPOINT = env.str("OIDC_OP_TOKEN_ENDPOINT", default="")
OIDC_OP_USER_ENDPOINT = env.str("OIDC_OP_USER_ENDPOINT", default="")
OIDC_OP_JWKS_ENDPOINT = env.str("OIDC_OP_JWKS_ENDPOINT", default="")
OIDC_RP_SIGN_ALGO = env.str("OIDC_RP_SIGN_ALGO", default="RS256")
#: What the button calls the provider.
OIDC_PROVIDER_NAME = env.str("OIDC_PROVIDER_NAME", default="")
OIDC_PARTS = {
    name: globals()[f"OIDC_{name}"]
    for name in (
        *("ISSUER", "RP_CLIENT_ID", "RP_CLIENT_SECRET", "OP_AUTHORIZATION_ENDPOINT"),
        *("OP_TOKEN_ENDPOINT", "OP_USER_ENDPOINT", "OP_JWKS_ENDPOINT"),
    )
}
OIDC_ENABLED = all(OIDC_PARTS.values())
OIDC_CREATE_USER = False
OIDC_USE_PKCE = True
OIDC_TIMEOUT = 10
if OIDC_ENABLED:
    AUTHENTICATION_BACKENDS.append("hled_portal.accounts.single_sign_on.SingleSignOnBackend")
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Languages and days

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "hled_portal" / "locale"]
FORMAT_MODULE_PATH = ["hled_portal.i18n.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Mexico_City"

# A form of the staff site may hold a figure with all its readings; a larger one is refused (`error_views.py`).

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Files

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [VAR_DIR / "assets"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
#: The list of withdrawals and erasures, which a restored backup has done to it again. It is kept outside the archives.
REMOVALS_FILE = Path(env.str("REMOVALS_FILE", default=str(MEDIA_ROOT.parent / "removals.jsonl")))
STORAGES = {
    "default": {"BACKEND": "hled_portal.files.durable_storage.DurableStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# Imports

#: A file of more rows than this is checked and written by `manage.py work`, while its sender sees the progress.
FILE_ROWS_AT_ONCE = read("FILE_ROWS_AT_ONCE", "int", 500, "must be a number.")

# Mail

EMAIL_URL = env.str("EMAIL_URL", default="consolemail://" if DEBUG else "")
if EMAIL_URL:
    vars().update(
        read("EMAIL_URL", "email", EMAIL_URL, "must be a mail server such as smtp+tls://USER:PASSWORD@HOST:587.")
    )
else:  # Messages hold secret links: they wait rather than being printed into a log.
    EMAIL_BACKEND = "hled_portal.background.mail.NoMailServer"
EMAIL_TIMEOUT = 20  # seconds: a mail server that hangs keeps nobody waiting for ever.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default="portal@localhost")
ADMINS = [("", address) for address in env.list("ERRORS_TO", default=[])]

# Headers

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
WHITENOISE_ALLOW_ALL_ORIGINS = False
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # No other host of the domain can set a cookie of these names.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
#: Preloading is decided for the whole domain by its owner, not by one of its sites.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if TRUST_PROXY is False:  # Then the proxy redirects to https: the portal never learns the scheme.
    SILENCED_SYSTEM_CHECKS.append("security.W008")
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Without a proxy that tells the scheme, a redirect to https would never end.
    SECURE_SSL_REDIRECT = not DEBUG

LOG_FORMAT = env.str("LOG_FORMAT", default="text" if DEBUG else "json")
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured("LOG_FORMAT must be json or text.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "secrets": {"()": "hled_portal.security.log_redaction.HideSecrets"},
        "require_debug_false": {"()": "django.utils.log.RequireDebugFalse"},
        # A report of each 503 would keep its reader waiting, and the operator's probes say it already.
        "no_outages": {"()": "hled_portal.security.log_redaction.NoOutages"},
        "request_id": {"()": "hled_portal.web.request_ids.AddRequestId"},
    },
    "formatters": {
        "json": {"()": "hled_portal.security.log_redaction.JsonFormatter"},
        "text": {"()": "hled_portal.security.log_redaction.TextFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["secrets", "request_id"]},
        "mail_admins": {
            "class": "django.utils.log.AdminEmailHandler",
            "level": "ERROR",
            "filters": ["require_debug_false", "no_outages", "secrets"],
        },
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Without Django's own console handler: what it writes goes up to the root, which writes it once.
        "django": {"handlers": ["mail_admins"], "level": "INFO"},
        "hled_portal.background.jobs": {"level": "INFO"},
        "django.request": {"filters": ["secrets"]},
        # It warns of each answer to HEAD, whose body is left to it to drop.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}
