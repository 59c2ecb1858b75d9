"""The figures of a programme's page: of every site, and of the months of all. None is of fewer than 11 people.

In the row of a site a number of 1 to 10 people is not shown, and of the others in it as many are not as it takes, so
that it cannot be worked out (R15.5, as in `share`). Totals and months are of those sites alone whose weeks are shown
whole: so what is not shown of a site is part of no sum. In the table of months small numbers are left out the same way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from flows.programme import standing
from flows.programme.answers import answers
from models.programme import Programme
from models.store.share import Terms
from models.store.sql import queries
from models.store.suppression import ALL, Cell, hidden, hidden_in_row

Row = dict[str, Any]
K = Terms.k
KINDS = ("met", "missed", "insufficient_data")  # of judged weeks; missed: with those partly met
Shown = dict[str, int | None]  # numbers by name and their total (ALL); None: not shown


@dataclass(frozen=True)
class Figures:
    """`sites`: a row each, what needs a person first: site, people, silent, weeks (Shown; None: not known), as_of,
    version, is_older, outcome, needs, hidden (names of what is not shown). `months`: a row each: month, weeks.
    `totals`: people at how many sites, weeks at how many sites. `has_dates`: there are months to be told.
    """

    sites: list[Row]
    months: list[Row]
    totals: Row
    as_of: date | None
    has_dates: bool

    def as_json(self) -> Row:
        """For machines."""
        return asdict(self)


def figures(programme: Programme, rows: list[Row]) -> Figures:
    """What the page shows. `rows`: of `programme_site`. StoreError where the lake cannot be read."""
    newest, older, has_dates = standing.newest(rows), standing.older(rows), programme.send == "all"
    asked = queries("report/programme") if newest else {}
    found = answers(programme, {name: sql for name, sql in asked.items() if has_dates or name != "months"})
    weeks = {row["site"]: row for row in found.get("weeks", [])}
    nothing = {"people": 0} | {name: 0 for kind in KINDS for name in (kind, f"{kind}_people")}
    sites = [
        {
            **{name: row[name] for name in ("site", "as_of", "version", "outcome")},
            **_people(row["people"] if row["as_of"] else None, row.get("silent")),
            "weeks": _shown(weeks.get(row["site"], nothing)) if row["as_of"] else None,
            "is_older": row["site"] in older,
            "needs": standing.needs(row, newest),
        }
        for row in sorted(rows, key=standing.pressing)
    ]
    for site in sites:
        site["hidden"] += ["weeks"] * (None in (site["weeks"] or {}).values())
    whole = {site["site"] for site in sites if site["weeks"] and "weeks" not in site["hidden"]}
    months = [row for row in found.get("months", []) if row["site"] in whole]
    totals = _totals(sites, [weeks[site] for site in whole if site in weeks])
    sites.sort(key=lambda site: not site["needs"])
    return Figures(sites, _by_month(months), totals, newest, has_dates)


def _people(people: int | None, silent: int | None) -> Row:
    """How many there are at a site, and how many of them are silent; None: not known."""
    if people is None:
        return {"people": None, "silent": None, "hidden": []}
    counts = {ALL: people} if silent is None else {"silent": silent, "heard": people - silent, ALL: people}
    out = hidden_in_row(counts, counts, K)
    return {
        "people": None if ALL in out else people,
        "silent": None if "silent" in out else silent,
        "hidden": [shown for shown, name in (("people", ALL), ("silent", "silent")) if name in out],
    }


def _shown(row: Row) -> Shown:
    """The judged weeks of a site."""
    counts = {kind: row[kind] for kind in KINDS} | {ALL: sum(row[kind] for kind in KINDS)}
    out = hidden_in_row(counts, {kind: row[f"{kind}_people"] for kind in KINDS} | {ALL: row["people"]}, K)
    return {name: None if name in out else n for name, n in counts.items()}


def _totals(sites: list[Row], weeks: list[Row]) -> Row:
    """Sums over sites of which the number is shown; of weeks, over those of which all are."""
    known = [site["people"] for site in sites if site["people"]]
    kinds = {kind: sum(row[kind] for row in weeks) for kind in KINDS}
    of = {"sites": len(sites), "people": sum(known), "people_at": len(known), "weeks_at": len(weeks)}
    return of | {"weeks": kinds | {ALL: sum(kinds.values())}}


def _by_month(rows: list[Row]) -> list[Row]:
    """The months of these sites together, each with its numbers."""
    counts: dict[Cell, int] = defaultdict(int)
    people: dict[Cell, int] = defaultdict(int)
    for row in rows:
        month = str(row["month"])
        for kind in KINDS:
            for cell in ((month, kind), (month, ALL), (ALL, kind), (ALL, ALL)):
                counts[cell] += row[kind]
            people[month, kind] += row[f"{kind}_people"]
            people[ALL, kind] += row[f"{kind}_people"]  # in two months: twice. It is 11 at the least at every site
        people[month, ALL] += row["people"]
        people[ALL, ALL] += row["people"]
    out = hidden(counts, people, K)
    return [
        {"month": month, "weeks": {n: None if (str(month), n) in out else counts[str(month), n] for n in (*KINDS, ALL)}}
        for month in sorted({row["month"] for row in rows})
    ]
