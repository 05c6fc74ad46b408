"""Attachments on the disk: a file is there, whatever happens to the machine, before its sender gets a receipt."""

import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """Writes a file and the names of its folders through to the disk before it answers."""

    def _save(self, name, content):
        name = super()._save(name, content)
        path = Path(self.path(name))
        _sync(path)
        for folder in path.parents:
            _sync(folder)
            if folder == Path(self.location):
                break
        return name


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
