"""The worked questions and their answers, and the sample study worked out again to hold them against."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import fmean

import duckdb

from models.store.analytics import questions
from models.store.ask import ask
from models.store.connect import quoted
from models.store.read import query_published
from tests.studies import AS_OF, StudyFolder

DAY = timedelta(days=1)
HOLDS = {("P05", date(2026, 3, 11)), ("P05", date(2026, 3, 12))}


def answer(sample: StudyFolder, name: str) -> list[dict]:
    columns, rows = ask(sample.folder / "warehouse", questions()[name].sql)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def rows_of(sample: StudyFolder, relation: str) -> list[dict]:
    columns, rows = query_published(sample.folder / "warehouse", f"FROM {relation}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def half(value: object) -> float | None:
    """To a tenth, half away from zero, as the questions round."""
    return None if value is None else float(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def mean(values: list) -> float | None:
    known = [float(value) for value in values if value is not None]
    return fmean(known) if known else None


class Sample:
    """The sample study by its control rows and days, with the windows worked out again: until the next infusion."""

    def __init__(self, study: StudyFolder) -> None:
        self.days = {(r["participant_id"], r["local_date"]): r for r in rows_of(study, "daily_activity")}
        happened = [r for r in rows_of(study, "infusion") if r["status"] in ("completed", "stopped_early")]
        self.infusions = sorted(happened, key=lambda r: (r["participant_id"], r["infused_on"]))
        self.dates = {(r["participant_id"], r["infused_on"]) for r in happened}

    def next_of(self, infusion: dict) -> date:
        later = [day for who, day in self.dates if who == infusion["participant_id"] and day > infusion["infused_on"]]
        return min(later, default=date.max)

    def after(self, infusion: dict, first: int = 1, last: int = 28) -> list[tuple[int, dict | None]]:
        """The eligible days after an infusion that are over: (day number, its row)."""
        who, begun, ends = infusion["participant_id"], infusion["infused_on"], self.next_of(infusion)
        dates = [(n, begun + n * DAY) for n in range(first, last + 1)]
        return [
            (n, self.days.get((who, day))) for n, day in dates if day < min(ends, AS_OF) and (who, day) not in HOLDS
        ]

    def before(self, infusion: dict, count: int) -> list[dict]:
        who, begun = infusion["participant_id"], infusion["infused_on"]
        dates = [begun - n * DAY for n in range(1, count + 1)]
        return [self.days[who, day] for day in dates if (who, day) in self.days and (who, day) not in self.dates]

    def weeks(self) -> dict[tuple[str, str, int], list[dict | None]]:
        found = defaultdict(list)
        for infusion in self.infusions:
            for n, row in self.after(infusion):
                found[infusion["participant_id"], infusion["infusion_id"], (n + 6) // 7].append(row)
        return found


def valid(rows: list) -> list[dict]:
    return [row for row in rows if row and row["day_state"] == "valid"]


def answer_if(sample: StudyFolder, name: str, **other: str) -> list[dict]:
    """The answer if some relations were others, each a query over `published`; its views are made anew over these."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{quoted(sample.folder / 'warehouse' / 'analytics.duckdb')}' AS published (READ_ONLY)")
        for (relation,) in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'published'"
        ).fetchall():
            con.execute(f"CREATE VIEW {relation} AS {other.get(relation, f'FROM published.{relation}')}")
        for view, sql in con.execute(
            "SELECT view_name, sql FROM duckdb_views() WHERE database_name = 'published' AND NOT internal ORDER BY 1"
        ).fetchall():
            con.execute(f"CREATE VIEW {view} AS {sql.split(' AS ', 1)[1]}")
        found = con.execute(questions()[name].sql)
        columns = [column for column, *_ in found.description or []]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
