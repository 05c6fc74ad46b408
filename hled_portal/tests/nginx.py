"""nginx with the configuration of `deploy/` on ports of this machine, and a reader of what it serves."""

import http.client
import os
import re
import socket
import subprocess
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
NGINX = os.environ.get("NGINX", "/usr/sbin/nginx")
HOST = "portal.example"
#: The settings of a production server behind it, without its port and its database.
PRODUCTION = {
    "SECRET_KEY": "".join(map(chr, range(60, 120))),
    "ALLOWED_HOSTS": HOST,
    "SITE_URL": f"https://{HOST}",
    "CONTACT": "portal@portal.example",
    "EMAIL_URL": "consolemail://",
    "TRUST_PROXY": "1",
    "JOBS": "0",
    "WORKERS": "2",
    "THREADS": "4",
}
WRAPPER = """
user {user};
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log crit;
events {{ worker_connections 64; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _each in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def certificate(folder: Path) -> None:
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(["openssl", "req", "-x509", *keys, *names, *files], check=True, capture_output=True)


def nginx_configuration(folder: Path, plain: int, tls: int, *servers: int) -> Path:
    """The file of `deploy/` with these ports and this folder, otherwise unchanged; one server may stand for both."""
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    changes = [
        ("127.0.0.1:8001", f"127.0.0.1:{servers[0]}"),
        ("127.0.0.1:8002", f"127.0.0.1:{servers[-1]}"),
        (r"listen \[::\].*\n", ""),
        (r"listen 80\b", f"listen 127.0.0.1:{plain}"),
        (r"listen 443\b", f"listen 127.0.0.1:{tls}"),
        ("/etc/ssl/portal|/var/log/nginx", str(folder)),
        ("/srv/portal/current", str(ROOT)),
    ]
    for pattern, replacement in changes:
        site, times = re.subn(pattern, replacement, site)
        assert times, pattern
    path = folder / "nginx.conf"
    user = "root" if os.getuid() == 0 else "nobody"
    path.write_text(WRAPPER.format(folder=folder, site=site, user=user), encoding="utf-8")
    return path


class Reader:
    """A browser of one address, with cookies."""

    def __init__(self, port: int, context=None, source: str = "127.0.0.1"):
        self.port, self.context, self.source, self.cookies = port, context, source, {}

    def request(self, method: str, path: str, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(self.source, 0))
        if self.context:
            connection.connect()
            connection.sock = self.context.wrap_socket(connection.sock, server_hostname=HOST)
        sent = {"Host": HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(connection):
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            answer.text = answer.read().decode("utf-8", "replace")
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return answer

    def get(self, path: str, **headers):
        return self.request("GET", path, **headers)

    def post(self, path: str, fields: dict, **headers):
        """Draw the form at the address and send it with these fields."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).text)[1]
        headers |= {"Content_Type": "application/x-www-form-urlencoded", "Origin": f"https://{HOST}"}
        return self.request("POST", path, urlencode(fields | {"csrfmiddlewaretoken": token}), **headers)
