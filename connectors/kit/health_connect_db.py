"""What the tables of Health Connect's database have in common: apps, times, and what is known of each record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from connectors.kit.csv import AGAIN
from connectors.kit.sqlite import at_most, columns_of, has_table, instant, number, rows_of, unknown_columns
from models.fault import Impossible, Rejected
from models.set_aside import one_record

BY_HAND = 3  # recording_method
_PRIORITY = "health_data_category_priority_table"
_APPS = "application_info_table"
_ACTIVITY = 1  # the category of steps and sessions in the list of priorities
_MOST_APPS = 1_000
_MOST_BEATS = 10_000_000  # minutes with a heart beat, and the records they belong to
_YEAR_2100_MINUTES = 68_374_080
# columns of the tables that are read, up to version 26 of the database
_NAMES = """
row_id uuid last_modified_time client_record_id client_record_version device_info_id app_info_id recording_method
dedupe_hash start_time start_zone_offset end_time end_zone_offset local_date local_date_time_start_time
local_date_time_end_time device_data_provider_id package_name app_name app_icon record_types_used manufacturer model
device_type health_data_category app_id_priority_order count exercise_type notes title has_route
planned_exercise_session_id rate_of_perceived_exertion type parent_key beats_per_minute epoch_millis
segment_start_time segment_end_time segment_type repetitions_count
"""


class Apps:
    """The apps that wrote the records, by the numbers that records have, and their places in Android's own list.

    Without a list, or beside records of which it names no app at all, nobody is left out.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self.names = dict(rows_of(database, _APPS, ("row_id", "package_name"), most=_MOST_APPS))
        self.places = _listed(database, self.names) if has_table(database, _PRIORITY) else {}

    def name(self, app: object) -> str:
        """The package of a record's app. Raises Rejected."""
        package = self.names.get(app)
        if not isinstance(package, str):
            raise Rejected("column app_info_id", "an app that is not listed", "one of application_info_table", AGAIN)
        return package

    def places_of(self, found: Iterable[str]) -> dict[str, int]:
        """The places of the apps that wrote some records, the first being the smallest; empty where none has one."""
        return self.places if self.places.keys() & set(found) else {}


def _listed(database: sqlite3.Connection, names: dict[object, str]) -> dict[str, int]:
    for category, order in rows_of(database, _PRIORITY, ("health_data_category", "app_id_priority_order")):
        if category == _ACTIVITY:
            numbers = [word.strip() for word in str(order or "").split(",") if word.strip()]
            if not all(word.isdecimal() and word.isascii() for word in numbers):
                place = f"table {_PRIORITY}, column app_id_priority_order"
                raise Rejected(place, "something else", "numbers of apps like 3,2,1", AGAIN)
            return {names[int(word)]: n for n, word in reversed(list(enumerate(numbers))) if int(word) in names}
    return {}


def new_columns_of(database: sqlite3.Connection, tables: Iterable[str]) -> list[str]:
    """Remarks on columns of these tables, and of those of apps, that no version known here has."""
    return unknown_columns(database, (_APPS, _PRIORITY, *tables), _NAMES.split())


def beats_of(database: sqlite3.Connection, table: str) -> Iterator[tuple[int, int]]:
    """The minutes since 1970 in which a heart beat was measured, each with the record it belongs to."""
    columns_of(database, table, ("parent_key", "beats_per_minute", "epoch_millis"))
    minute = "CASE typeof(epoch_millis) WHEN 'integer' THEN epoch_millis / 60000 END"  # of text NULL, which is none
    query = f"SELECT DISTINCT parent_key, {minute} FROM {table} NOT INDEXED WHERE beats_per_minute > 0"
    for parent, at in at_most(_MOST_BEATS, database.execute(query), table):
        with one_record():
            yield parent, number(at, f"table {table}, epoch_millis", 0, _YEAR_2100_MINUTES)


def span(
    start: object, end: object, table: str, longest: timedelta, record: one_record
) -> tuple[datetime, datetime] | None:
    """When a record began and ended, None where it ends before it begins (Android skips such). Raises Rejected, and
    Impossible where it lasted too long."""
    record.on = begin = instant(start, f"table {table}, start_time")
    stop = instant(end, f"table {table}, end_time")
    if stop > begin + longest:
        raise Impossible(f"table {table}, start_time", "a far later end", f"at most {longest.days} days later", AGAIN)
    return (begin, stop) if begin <= stop else None


def offset_of(value: object) -> int | None:
    """A record's own distance from UTC in seconds; None where it has none."""
    return value if isinstance(value, int) and abs(value) <= 86_400 else None


def modified(value: object) -> int:
    """When a record was last written, in milliseconds; before all others where that is not known."""
    return value if isinstance(value, int) else 0
