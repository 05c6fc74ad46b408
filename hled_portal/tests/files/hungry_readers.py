"""Readers of files that take too much, or show what they were given. A process of their own imports them: no Django."""

import os
import time


def fill_memory(data: bytes) -> int:
    return len(b"x" * 4 * 1024**3)


def compute(data: bytes) -> None:
    while True:
        pass


def wait(data: bytes) -> None:
    time.sleep(60)


def end(data: bytes) -> None:
    os.abort()


def write(data: bytes) -> str:
    try:
        with open("var/written", "wb") as file:
            file.write(data)
    except OSError as error:
        return type(error).__name__
    return "written"


def environment(data: bytes) -> list[str]:
    return sorted(os.environ)


def fail(data: bytes) -> None:
    raise KeyError("a mistake of the reader")
