"""Bounds for reading XML of strangers with expat, which keeps a tag until it is whole and reads it anew each time."""

from collections.abc import Callable
from typing import BinaryIO

CHUNK = 64 * 1024
#: Bytes of one tag, comment or declaration: no office program writes one as large.
MAX_TAG = 1024 * 1024


class TagTooLarge(ValueError):
    pass


def check_tag(parser, fed: int) -> None:
    """Raises TagTooLarge for a tag that so many bytes did not end."""
    if fed - max(parser.CurrentByteIndex, 0) > MAX_TAG:
        raise TagTooLarge


def feed(parser, stream: BinaryIO, count: Callable[[int], None]) -> None:
    """Parse a stream in pieces; `count` is told the bytes of each, and raises where they are too many.

    Raises TagTooLarge, and expat.ExpatError for what is no XML.
    """
    parser.buffer_text, parser.buffer_size, fed = True, CHUNK, 0
    while chunk := stream.read(CHUNK):
        count(len(chunk))
        parser.Parse(chunk)
        fed += len(chunk)
        check_tag(parser, fed)
    parser.Parse(b"", True)
