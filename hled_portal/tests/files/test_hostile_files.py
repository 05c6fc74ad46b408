"""Files of strangers and of staff are read within bounds of time and memory, measured in a process of its own."""

import json
import os
import resource
import subprocess
import sys

import pytest

from . import hostile_files

#: Of one file: seconds of the processor, and megabytes beyond what the process has before.
SECONDS, MEGABYTES = 10, 300
#: Of the whole process, so that what is beyond all bounds ends it and not this machine.
MOST_MEMORY, MOST_SECONDS = 3 * 1024**3, 600


@pytest.fixture(scope="module")
def measured() -> dict[str, list]:
    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))

    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SECRET_KEY") if name in os.environ}
    environment["DJANGO_SETTINGS_MODULE"] = "hled_portal.settings"
    command = [sys.executable, "-m", hostile_files.__name__]
    done = subprocess.run(command, env=environment, preexec_fn=limited, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"ended after {lines[-1:]}: {done.stderr[-500:]}"
    return {line[1]: line for line in lines}


@pytest.mark.attack
def test_every_file_is_read_or_refused_within_its_bounds(measured):
    wrong = [
        line
        for line in measured.values()
        if not line[3].startswith(("read", "refused")) or line[4] > SECONDS or line[5] > MEGABYTES
    ]
    assert wrong == []
