"""Rehearse many servers on one machine: `.venv/bin/python bench/many_servers.py` prints what readers saw, part by part.

Two servers behind nginx, a PostgreSQL with a hot standby for readers, Redis for kept pages. While four readers read
pages and a text is published each second, each part is killed and started again. Needs nginx and redis-server (or
valkey-server, by `REDIS=`). About three minutes.
"""

import os
import pwd
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from http.client import HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PATHS = ("/en/", "/es/", "/en/initiatives/", "/es/initiatives/?q=agua", "/en/cycles/2021/pillars/1/", "/en/timeline/")
SECONDS_AWAY, SECONDS_AFTER = 6, 6
#: As root, PostgreSQL runs as somebody else.
SERVICE_USER = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


class Part:
    """A process that can be killed, with all that it started, and started again."""

    def __init__(self, command: list[str], user: str | None = None, **environment):
        self.command, self.user, self.environment = command, user, environment
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=os.environ | self.environment,
            user=self.user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()


class Readers:
    """Four readers, who ask again and again; what they were answered since the last `take`."""

    def __init__(self, reader):
        self.reader, self.answers, self.slowest, self.end = reader, Counter(), 0.0, threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(turn,)) for turn in range(4)]
        for thread in self.threads:
            thread.start()

    def read(self, turn: int) -> None:
        while not self.end.is_set():
            turn, begun = turn + 1, time.monotonic()
            self.answers[self.status(PATHS[turn % len(PATHS)])] += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)
            time.sleep(0.02)

    def status(self, path: str) -> str:
        try:
            return str(self.reader().get(path).status)
        except (OSError, HTTPException) as error:
            return type(error).__name__

    def take(self) -> tuple[Counter, float]:
        seen, self.answers, slowest, self.slowest = self.answers, Counter(), self.slowest, 0.0
        return seen, slowest

    def stop(self) -> None:
        self.end.set()
        for thread in self.threads:
            thread.join()


class Publisher:
    """Publishes an initiative each second, and reads it at once through nginx."""

    def __init__(self, status):
        from hled_portal.tests import factories

        self.status, self.factories, self.cast = status, factories, factories.make_cast()
        self.pillar = factories.make_pillar(9)
        self.number, self.seen = 0, Counter()

    def publish_for(self, seconds: float) -> None:
        from django.db import DatabaseError, connection

        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.number += 1
            key = f"rehearsal-{self.number}"
            try:
                row = self.factories.make_initiative(key, pillar=self.pillar)
                self.factories.publish_with_keys(self.cast, row)
            except DatabaseError:
                connection.close()
                self.seen["not published"] += 1
            else:
                self.seen[self.status(f"/en/initiatives/{key}/")] += 1
            time.sleep(1)

    def take(self) -> Counter:
        seen, self.seen = self.seen, Counter()
        return seen


def rehearse() -> None:
    from hled_portal.tests.nginx import NGINX, PRODUCTION, Reader, certificate, free_ports, nginx_configuration
    from hled_portal.tests.plugin import import_postgresql

    with tempfile.TemporaryDirectory(prefix="portal-", dir="/tmp") as name, ExitStack() as stack:  # noqa: S108
        folder = Path(name)
        folder.chmod(0o755)
        plain, tls, first, second, primary_port, standby_port, cache_port = free_ports(7)

        def run(*arguments, **environment) -> Part:
            part = Part(list(map(str, arguments)), **environment)
            stack.callback(part.kill)
            return part

        programs = Path(import_postgresql(name).__file__).parent / "pginstall" / "bin"
        data, copy = folder / "primary", folder / "standby"
        _make_folders(data, copy)
        _database(programs / "initdb", "-D", data, "-U", "portal", "-A", "trust")
        primary = run(*_server(programs, data, primary_port), user=SERVICE_USER)
        _wait_for_database(programs, primary_port)
        _database(programs / "pg_basebackup", "-D", copy, "-R", "-U", "portal", "-h", "127.0.0.1", "-p", primary_port)
        standby = run(*_server(programs, copy, standby_port), user=SERVICE_USER)
        _wait_for_database(programs, standby_port)
        cache = run(os.environ.get("REDIS", "redis-server"), "--port", cache_port, "--save", "", "--dir", folder)

        production = {
            **PRODUCTION,
            "MEDIA_ROOT": f"{folder}/media",
            "CACHE_URL": f"rediscache://127.0.0.1:{cache_port}/1",
            "DATABASE_URL": f"postgres://portal@127.0.0.1:{primary_port}/postgres",
            "REPLICA_URL": f"postgres://portal@127.0.0.1:{standby_port}/postgres",
        }
        manage = [sys.executable, str(Path(__file__).resolve().parents[1] / "manage.py")]
        _prepare_record(production)
        servers = [run(*manage, "serve", PORT=str(port), **production) for port in (first, second)]
        certificate(folder)
        configuration = nginx_configuration(folder, plain, tls, first, second)
        proxy = run(NGINX, "-c", configuration)

        context = ssl.create_default_context(cafile=folder / "fullchain.pem")
        readers = Readers(lambda: Reader(tls, context))
        stack.callback(readers.stop)
        publisher = Publisher(readers.status)
        until = time.monotonic() + 60
        while readers.status("/en/") != "200" and time.monotonic() < until:
            time.sleep(0.5)
        readers.take()

        def psql(port: int, statement: str) -> str:
            return _database(
                programs / "psql", "-h", "127.0.0.1", "-p", port, "-U", "portal", "-Atc", statement, "postgres"
            )

        def show(what: str) -> None:
            answers, slowest = readers.take()
            print(
                f"{what:34} {_words(answers):48} slowest {slowest:5.2f} s   published: {_words(publisher.take())}",
                flush=True,
            )

        publisher.publish_for(SECONDS_AWAY)
        show("all parts there")
        reads = f"{psql(standby_port, READS)} on the standby, {psql(primary_port, READS)} on the primary"
        for what, part in (
            ("one of two servers", servers[0]),
            ("the standby", standby),
            ("Redis", cache),
            ("the primary", primary),
            ("nginx", proxy),
        ):
            part.kill()
            publisher.publish_for(SECONDS_AWAY)
            show(f"{what} killed")
            part.start()
            publisher.publish_for(SECONDS_AFTER)
            show(f"{what} started again")
        psql(standby_port, "SELECT pg_wal_replay_pause()")
        publisher.publish_for(SECONDS_AWAY)
        show("the standby lags behind")
        psql(standby_port, "SELECT pg_wal_replay_resume()")
        publisher.publish_for(SECONDS_AFTER)
        show("the standby follows again")
        print(f"rows read: {reads}; at the end {psql(standby_port, READS)} and {psql(primary_port, READS)}")


READS = "SELECT sum(tup_returned) FROM pg_stat_database WHERE datname = 'postgres'"


def _make_folders(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(folder, SERVICE_USER)


def _database(*command) -> str:
    done = subprocess.run(list(map(str, command)), user=SERVICE_USER, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stderr}")
    return done.stdout.strip()


def _server(programs: Path, data: Path, port: int) -> list:
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "hot_standby_feedback": "on",
    }
    return [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())]


def _wait_for_database(programs: Path, port: int) -> None:
    for _attempt in range(100):
        if not subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]).returncode:
            return
        time.sleep(0.2)
    raise SystemExit(f"the database at port {port} does not start")


def _prepare_record(production: dict[str, str]) -> None:
    import django

    os.environ |= {name: value for name, value in production.items() if name != "REPLICA_URL"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "hled_portal.settings"
    django.setup()
    from django.core.management import call_command

    from bench.record import load_record

    load_record()
    call_command("collectstatic", interactive=False, verbosity=0)


def _words(counts: Counter) -> str:
    return ", ".join(f"{number} × {what}" for what, number in counts.most_common()) or "nothing"


if __name__ == "__main__":
    rehearse()
