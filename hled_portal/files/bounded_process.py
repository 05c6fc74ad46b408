"""Reading what somebody uploaded in a process of its own, which the system ends when it takes too much.

Libraries that read documents can be led to use any amount of memory and time. What they may use here is bounded by the
operating system (`resource`, where there is one) and by a clock. The process has no application registry, no database
and no secrets in its environment; it starts in a few tenths of a second. Small files are read without it: they cannot
unpack to much.
"""

import errno
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import get_language

try:
    import resource
except ImportError:  # Not on Windows, where the clock alone ends the process.
    resource = None

#: Deflate makes at most a thousand bytes of one.
SMALL = 16 * 1024
#: Of one process: bytes of its address space, seconds of the processor, and seconds until its reader gets an answer.
MEMORY, PROCESSOR_SECONDS, WALL_SECONDS = 768 * 1024**2, 20, 25
#: Of one server process at the same time: further files wait.
AT_ONCE = threading.BoundedSemaphore(2)
#: All that the process gets of the environment.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL", "DEBUG", "TZ")
REFUSED = 3
#: How Python, the system and the loader of libraries say that there is no more memory.
OUT_OF_MEMORY = ("MemoryError", f"[Errno {errno.ENOMEM}]", "failed to map segment")

logger = logging.getLogger(__name__)


class LimitExceeded(Exception):
    """Reading took more memory or time than a file may."""


class Refused(Exception):
    """The function raised its own exception for a file that is not taken; `messages` are for the sender."""

    def __init__(self, messages: list[str]):
        super().__init__("\n".join(messages))
        self.messages = messages


def call(function: Callable, data: bytes, *arguments):
    """`function(data, *arguments)`, within bounds. Its arguments and its result are of JSON.

    In the process that is started, an exception with `messages` is raised as Refused. Raises LimitExceeded.
    """
    if len(data) <= SMALL:
        return function(data, *arguments)
    name = f"{function.__module__}.{function.__qualname__}"
    request = [name, get_language(), list(arguments), MEMORY, PROCESSOR_SECONDS]
    command = [sys.executable, "-m", __name__, json.dumps(request)]
    environment = {key: os.environ[key] for key in ENVIRONMENT if key in os.environ}
    environment |= {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    if not AT_ONCE.acquire(timeout=WALL_SECONDS):
        raise LimitExceeded
    try:
        done = subprocess.run(
            command,
            input=data,
            env=environment,
            cwd=settings.BASE_DIR,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LimitExceeded from None
    finally:
        AT_ONCE.release()
    if done.returncode == 0:
        return json.loads(done.stdout)
    if done.returncode == REFUSED:
        raise Refused(json.loads(done.stdout))
    errors = done.stderr.decode(errors="replace")
    # A library that gets no memory may fall over it instead of saying so.
    if done.returncode < 0 or any(words in errors for words in OUT_OF_MEMORY):
        raise LimitExceeded
    logger.error("%s failed on a file: %s", name, errors[-4000:])
    raise RuntimeError(f"{name} failed on a file")


def main(request: str) -> int:
    """What the process does: read the file from its input, write the result as JSON."""
    name, language, arguments, memory, seconds = json.loads(request)
    from django.apps import apps
    from django.utils import translation

    apps.populate(())  # Translations need the registry, and nothing else of it.
    translation.activate(language or settings.LANGUAGE_CODE)
    function = import_string(name)
    data = sys.stdin.buffer.read()
    if resource:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # It writes no file.
    try:
        result = function(data, *arguments)
    except Exception as error:
        if not (messages := getattr(error, "messages", None)):
            raise
        result, code = messages, REFUSED
    else:
        code = 0
    sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False).encode())
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
