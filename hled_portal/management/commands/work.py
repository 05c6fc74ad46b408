"""Background jobs: mail, notifications, scheduled releases, imports, clean-up."""

import os
import signal
import sys
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from hled_portal.background import jobs

TICK = 2  # seconds between looks at what is due
REST = 5  # seconds before a worker that died is started again
PATIENCE = 60  # seconds that --once waits for a job that another process does


class Command(BaseCommand):
    help = "Run background jobs until stopped. Several can run at the same time, and each can be killed at any time."

    requires_system_checks = []  # Checks belong to releases: `check`, `migrate`.

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="run due jobs once and exit (with 1 if a job failed)")
        parser.add_argument(
            "--beside", type=int, metavar="PID", help="stop when this parent process ends; do nothing if JOBS=0"
        )

    def handle(self, once=False, beside=None, **options):
        self.ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.ending.set())
        if once:
            sys.exit(1 if self.work_once() else 0)
        if beside is None:
            self.work(self.ending.is_set)
        elif settings.JOBS:
            self.keep_working(beside)

    def work_once(self) -> bool:
        """Everything that is due, to its end. True when a job failed."""
        failed, unfinished = False, True
        while unfinished and not self.ending.is_set():
            outcome = jobs.run_due(self.ending.is_set, jobs.SLACK, PATIENCE)
            failed, unfinished = failed or outcome.failed, outcome.unfinished
        return failed

    def work(self, ending) -> None:
        """Look every few seconds for what is due. A database that is away is waited for."""
        while not ending():
            pause = TICK
            try:
                pause = 0 if jobs.run_due(ending).unfinished else TICK
            except DatabaseError as error:
                jobs.logger.error("The database cannot be reached or lacks the tables of this release: %s", error)
                pause = REST
            close_old_connections()
            self.ending.wait(pause)

    def keep_working(self, beside: int) -> None:
        """Work in a child process, and in another one should it die, for as long as the process beside lives.

        A parent that is killed cannot end its children: they look whether it is still theirs.
        """
        me = os.getpid()
        while not self.ending.is_set() and os.getppid() == beside:
            child = os.fork()
            if child == 0:
                self.work(lambda: self.ending.is_set() or os.getppid() != me)
                return
            self.watch(child, beside)
            self.ending.wait(REST)

    def watch(self, child: int, beside: int) -> None:
        """Until the child ends: by itself, or because it is told to when the process beside is gone."""
        told = False
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            gone = os.getppid() != beside
            if not told and (gone or self.ending.is_set()):
                self.ending.set()
                os.kill(child, signal.SIGTERM)
                told = True
            time.sleep(0.2)
