"""Records that many tests begin with: made once in a process, then put back row by row."""

from collections.abc import Callable
from copy import deepcopy

from django.db import transaction

from .review import put_table_back, read_table, record_tables

_KEPT: dict[Callable, tuple] = {}


def kept(make: Callable):
    """What `make` returns, with the rows that it writes into the empty record.

    It runs once in a process, and its rows come back past the models, which takes a twentieth of the time. The objects
    are copies: they know nothing of what another test did to their rows.
    """
    with transaction.atomic():
        if make not in _KEPT:
            assert not [table for table in record_tables() if read_table(table).rows], "the record is not empty"
            made = make()
            rows = {table: found for table in record_tables() if (found := read_table(table)).rows}
            _KEPT[make] = deepcopy(made), rows
            return made
        made, rows = _KEPT[make]
        for table, found in rows.items():
            put_table_back(table, found)
    return deepcopy(made)
