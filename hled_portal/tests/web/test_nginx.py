"""`manage.py serve` with production settings behind a real nginx, with the configuration of `deploy/`."""

import base64
import json
import os
import re
import sqlite3
import ssl
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django_otp.oath import totp

from hled_portal.models import User
from hled_portal.settings import STATIC_ROOT
from hled_portal.tests.nginx import HOST, NGINX, PRODUCTION, Reader, certificate, free_ports, nginx_configuration
from hled_portal.tests.processes import MANAGE, database_url, starter, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("sqlite")]

TOKEN = "0123456789" * 4
PASSWORD = "a-long-password-of-a-test"


class Site:
    def __init__(self, folder: Path, plain: int, tls: int, server: subprocess.Popen, port: int):
        self.folder, self.server = folder, server
        self.plain = Reader(plain)
        self.context = ssl.create_default_context(cafile=folder / "fullchain.pem")
        self.tls, self.direct = tls, Reader(port)

    def reader(self, source: str = "127.0.0.1") -> Reader:
        return Reader(self.tls, self.context, source)

    def log(self) -> list[dict]:
        lines = (self.folder / "portal.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def site(tmp_path):
    hashed = PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1000)  # The tests have a hasher of their own.
    User.objects.create(username="first-admin", password=hashed, is_staff=True, is_superuser=True)
    collect_static_files()
    certificate(tmp_path)
    plain, tls, port = free_ports(3)
    path = nginx_configuration(tmp_path, plain, tls, port)
    production = {
        **PRODUCTION,
        "SUBMISSION_LIMITS": "1,300",
        "PORT": str(port),
        "METRICS_TOKEN": TOKEN,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "DATABASE_URL": database_url(tmp_path),
    }
    with starter(**production) as start:
        server = start("serve")
        proxy = subprocess.Popen([NGINX, "-c", str(path)], stderr=subprocess.DEVNULL)
        try:
            site = Site(tmp_path, plain, tls, server, port)
            wait_for(lambda: is_alive(site), 30)
            yield site
        finally:
            proxy.terminate()
            proxy.wait(timeout=20)
            server.terminate()
            server.wait(timeout=30)


def is_alive(site) -> bool:
    try:
        return site.plain.get("/health/live").status == 200
    except OSError:
        return False


def collect_static_files() -> None:
    """Once for a build of the assets, for the server, which has not the empty folder of the tests: it takes seconds."""
    manifest, source = STATIC_ROOT / "staticfiles.json", settings.BASE_DIR / "var" / "assets" / "portal.css"
    if not manifest.exists() or manifest.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(
            [*MANAGE, "collectstatic", "--no-input", "--verbosity", "0"], env={**os.environ, "DEBUG": ""}, check=True
        )


def test_the_portal_behind_nginx(site):
    reader = site.reader()

    # The scheme, and the address of links.
    redirect = site.plain.get("/en/data/")
    assert (redirect.status, redirect.headers["Location"]) == (301, f"https://{HOST}/en/data/")
    home = reader.get("/en/", X_Forwarded_Proto="http")
    assert home.status == 200
    assert f'<link rel="canonical" href="https://{HOST}/en/">' in home.text
    assert "max-age=31536000" in home.headers["Strict-Transport-Security"]

    # Probes: any host, plain HTTP.
    for host in ("10.0.0.7:8000", "bad_host"):
        assert site.plain.get("/health/live", Host=host).status == 200
    assert site.plain.get("/health/ready").text == "Migrations are waiting.\n"  # The tests make tables without them.

    # Static files.
    style = reader.get(re.search(r'href="(/static/portal\.\w+\.css)"', home.text)[1])
    assert (style.status, style.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert "immutable" in style.headers["Cache-Control"]
    assert reader.get("/static/nothing.css").status == 404
    assert reader.get("/metrics").status == 404

    # Limits of each reader: the forms of one address close for nobody else, and no header changes whose they are.
    email = {"email": "nobody@portal.example"}
    assert reader.post("/en/sign-in/reset/", email).status == 302
    for forged in ("203.0.113.9", "203.0.113.9, 198.51.100.7"):
        assert reader.post("/en/sign-in/reset/", email, X_Forwarded_For=forged).status == 429
    assert site.reader("127.0.0.2").post("/en/sign-in/reset/", email, X_Forwarded_For="127.0.0.1").status == 302
    assert reader.request("POST", "/en/sign-in/", b"x" * 13_000_000).status == 413

    # Sign-in, with an app that is set up at once.
    answer = reader.post("/en/sign-in/", {"username": "first-admin", "password": PASSWORD})
    assert answer.status == 302
    setup = reader.get(answer.headers["Location"]).headers["Location"]
    key = re.search(r"<code[^>]*>([A-Z2-7 ]{20,})</code>", reader.get(setup).text)[1]
    assert "recovery" in reader.post(setup, {"code": f"{code_of(key):06}"}).text.lower()
    staff = reader.get("/admin/")
    assert (staff.status, "no-store" in staff.headers["Cache-Control"]) == (200, True)
    assert all(name.startswith("__Host-") for name in reader.cookies if name != "messages")
    with closing(sqlite3.connect(site.folder / "portal.sqlite3")) as database:
        assert database.execute("SELECT ip_address FROM axes_accesslog").fetchall() == [("127.0.0.1",)]

    # The log of the proxy holds no secret link, no query and no address of a client.
    for path in (
        "recommendations/receipt/SECRET/",
        "preview/SECRET/",
        "follow/SECRET/",
        "follow/confirm/SECRET/",
        "sign-in/reset/MQ/SECRET/",
    ):
        reader.get(f"/en/{path}?q=SECRET")
    wait_for(lambda: site.log()[-1]["path"] == "/en/sign-in/reset/…", 5)
    text = (site.folder / "portal.log").read_text(encoding="utf-8")
    assert "SECRET" not in text
    assert "127.0.0.2" not in text

    # The identifier of a request is that of the proxy; a reader cannot set it.
    missing = reader.get("/en/nothing/", X_Request_ID="chosen-by-the-reader")
    wait_for(lambda: site.log()[-1]["path"] == "/en/nothing/", 5)
    assert missing.headers["X-Request-ID"] == site.log()[-1]["request_id"]

    # Both processes of the server count together, and Prometheus asks without the proxy.
    assert site.direct.get("/metrics").status == 403
    metrics = site.direct.get("/metrics", Authorization=f"Bearer {TOKEN}").text
    resets = re.findall(r'portal_requests_total{method="POST",status="\d+",view="password_reset"} (\d+)', metrics)
    assert sum(map(int, resets)) == 4

    # No server answers. What it wrote are lines of JSON.
    site.server.terminate()
    lines = [json.loads(line) for line in site.server.communicate(timeout=30)[1].splitlines()]
    assert {"gunicorn.error", "django.request"} <= {line["logger"] for line in lines}
    assert "SECRET" not in str(lines)
    assert missing.headers["X-Request-ID"] in {line.get("request_id") for line in lines}
    gone = reader.get("/es/")
    assert (gone.status, gone.headers["Retry-After"]) == (503, "15")
    assert "El portal no está disponible" in gone.text
    assert gone.headers["X-Content-Type-Options"] == "nosniff"


def code_of(key: str) -> int:
    return totp(base64.b32decode(key.replace(" ", "")), t0=0)
