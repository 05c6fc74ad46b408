"""Makes the pictures of the README from a portal of its own: `make screenshots`."""

import io
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
MAX_BYTES = 120_000
WIDTH, HEIGHT = 1200, 800
COLORS = 64


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        listener.close()
        password = secrets.token_urlsafe(9)
        environment = os.environ | {
            "DEBUG": "1",
            "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
            "DEMO_PASSWORD": password,
        }
        manage = [sys.executable, "manage.py"]
        for arguments in (
            ["migrate", "--verbosity", "0"],
            ["load_history"],
            ["create_demo_accounts"],
            ["work", "--once"],
        ):
            subprocess.run([*manage, *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        serve = [*manage, "runserver", "--noreload", address]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(serve, cwd=ROOT, env=environment, **silent) as server:
            try:
                wait_for(f"http://{address}/health/ready")
                take(f"http://{address}", "us-editor", password)
            finally:
                server.terminate()


def wait_for(url: str, seconds: int = 60) -> None:
    for _second in range(seconds):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(1)
        else:
            return
    sys.exit(f"{url} does not answer.")


def take(url: str, username: str, password: str) -> None:
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        with playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"]) as browser:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, base_url=url)
            page.goto("/en/")
            save(page.screenshot(), "home")
            page.goto("/admin/login/?next=/admin/")
            page.fill("[name=username]", username)
            page.fill("[name=password]", password)
            with page.expect_navigation():
                page.click("main form [type=submit]")
            save(page.screenshot(), "staff-site")


def save(screenshot: bytes, name: str) -> None:
    """Few colors keep the repository small."""
    path = IMAGES / f"{name}.png"
    Image.open(io.BytesIO(screenshot)).convert("RGB").quantize(COLORS).save(path, optimize=True)
    if (size := path.stat().st_size) > MAX_BYTES:
        sys.exit(f"{path} has {size} bytes, more than {MAX_BYTES}.")


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    main()
