"""How a site of a programme stands: what of it needs a person. Rows are those of `programme_site`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from packaging.version import Version

from flows.output import several
from flows.programme.job import FAILED

Row = dict[str, Any]
LATE = 3  # days that a site's last night may be older than the newest of all
_EARTH = timedelta(days=1)  # somewhere it is tomorrow already


def newest(rows: Iterable[Row]) -> date | None:
    """As of when the site is that is furthest, of those whose clock is right. None: no site gave anything yet."""
    return max((row["as_of"] for row in rows if row["as_of"] and not _is_ahead(row)), default=None)


def _is_ahead(row: Row) -> bool:
    """Whether its night was of a date that had not come anywhere when it was taken."""
    return bool(row["as_of"] and row["contributed_at"]) and row["as_of"] > (row["contributed_at"] + _EARTH).date()


def behind(row: Row, newest: date | None) -> int:
    """Days that a site is behind the newest; 0 for less than LATE, and where it gave nothing yet."""
    days = (newest - row["as_of"]).days if newest and row["as_of"] else 0
    return days if days >= LATE else 0


def needs(row: Row, newest: date | None) -> list[str]:
    """What needs a person, in sentences that name nobody. Empty: nothing does."""
    found = [row["reason"]] if row["reason"] else ["its last night failed"] if row["outcome"] == FAILED else []
    if row["as_of"] is None and not found:
        found.append("it has given nothing yet")
    if _is_ahead(row):
        found.append(f"its last night was of {row['as_of']}, which had not come: correct the clock of its machine")
    if days := behind(row, newest):
        found.append(f"its last night that was taken is {several(days, 'day')} older than the newest of all")
    return found


def pressing(row: Row) -> tuple:
    """Where sites are listed, what needs a person comes first: sort by this."""
    return row["outcome"] != FAILED, not row["reason"], row["site"]


def older(rows: Iterable[Row]) -> set[str]:
    """Sites that gave what an older version of stepwindow published than another's."""
    versions = {row["site"]: Version(row["version"]) for row in rows if row["version"]}
    return {site for site, version in versions.items() if version < max(versions.values())}
