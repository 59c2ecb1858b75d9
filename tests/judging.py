"""A study in memory: put rows into the control tables and `day`, run the judge's SQL, read the verdicts."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl

from models.store.connect import define_vocabulary, quoted
from models.store.file import make

SQL = Path(__file__).parents[1] / "models" / "sql"
MONDAY = date(2025, 3, 3)  # the infusion of the worked examples


def day_of(number: float) -> date:
    """The date of a day number after the worked examples' infusion."""
    return MONDAY + timedelta(days=int(number))


@cache
def _empty() -> Path:
    """A store with nothing in it: the migrations run once, and each study in memory begins with a copy."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    make(Path(folder.name) / "empty.duckdb").close()
    return Path(folder.name) / "empty.duckdb"


class Judging:
    """Rows are kept until `judge`; afterwards every relation of the judge can be asked with `ask`."""

    def __init__(self, **study: Any) -> None:
        settings = {"anchor": "until_next", "weeks": 4, "grace_days": 7, "estimate": "scale", "truncation": "prorate"}
        self.con = duckdb.connect()
        self.con.execute("SET enable_progress_bar = false")
        define_vocabulary(self.con)
        self.con.execute(f"ATTACH '{quoted(_empty())}' AS empty (READ_ONLY)")
        self.con.execute("COPY FROM DATABASE empty TO memory")
        self.con.execute("DETACH empty")
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.put("study", name="a study", timezone="America/New_York", **{**settings, **study})

    def put(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def participant(
        self, participant_id: str = "P1", foot_step_goals: bool | None = True, left_on: date | None = None
    ) -> None:
        self.put("participant", participant_id=participant_id, foot_step_goals=foot_step_goals, left_on=left_on)

    def infusion(
        self,
        infused_on: date = MONDAY,
        infusion_id: str | None = None,
        participant_id: str = "P1",
        status: str = "completed",
        course_id: str | None = None,
    ) -> None:
        self.put(
            "infusion",
            infusion_id=infusion_id or f"{participant_id}-{infused_on}",
            participant_id=participant_id,
            infused_on=infused_on,
            status=status,
            course_id=course_id,
        )

    def goal(
        self,
        kind: str = "weekly_total",
        target: float | str | Sequence[float | str] = (),
        per_day: float | str | None = None,
        metric: str = "walking_minutes",
        **row: Any,
    ) -> None:
        targets = [target] if isinstance(target, int | float | str) else target
        row = {
            "goal_id": "G1", "version": 1, "participant_id": "P1", "from_week": 1, "to_week": 1, "correction": False,
            "status": "active", "set_on": date(2024, 1, 1), "effective_from": None, **row,
        }  # fmt: skip
        self.put(
            "goal",
            kind=kind,
            metric=metric,
            targets=[Decimal(str(one)) for one in targets],
            per_day=None if per_day is None else Decimal(str(per_day)),
            **row,
        )

    def hold(self, from_date: date, to_date: date, participant_id: str = "P1") -> None:
        self.put("hold", participant_id=participant_id, from_date=from_date, to_date=to_date)

    def day(
        self,
        local_date: date,
        value: float | str | None = None,
        state: str = "valid",
        metric: str = "walking_minutes",
        participant_id: str = "P1",
        **row: Any,
    ) -> None:
        """One resolved day; minutes are given as minutes and kept as milliseconds."""
        if metric == "steps":
            known: dict[str, Any] = {"steps": value}
        else:
            amount = None if value is None else round(Decimal(str(value)) * 60000)
            known = {metric.removesuffix("inutes") + "s": amount}
        row = {"is_partial": False, "is_logged": False, **known, **row}
        self.put("day", participant_id=participant_id, local_date=local_date, day_state=state, **row)

    def judge(self, as_of: date) -> list[dict[str, Any]]:
        for table, rows in self.rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            frame = pl.DataFrame(rows, schema_overrides=self._types(table, names), infer_schema_length=None)
            self.con.register("put_rows", frame)
            self.con.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(names)} FROM put_rows")
        self.rows.clear()
        self.con.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT participant_id FROM participant")
        self.con.execute(f"SET VARIABLE as_of = DATE '{as_of}'")
        for relation in sorted((SQL / "week").glob("*.sql")):
            self.con.execute(relation.read_text("utf-8"))
        return self.ask("SELECT * FROM goal_week_now ORDER BY goal_id, week_start, infusion_id")

    def ask(self, query: str) -> list[dict[str, Any]]:
        answer = self.con.execute(query)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def _types(self, table: str, names: list[str]) -> dict[str, Any]:
        types = dict(
            self.con.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ?", [table]
            ).fetchall()
        )
        known: dict[str, Any] = {
            "VARCHAR": pl.String, "DATE": pl.Date, "BOOLEAN": pl.Boolean, "INTEGER": pl.Int64, "BIGINT": pl.Int64,
            "TIMESTAMP": pl.Datetime("us"), "DECIMAL(18,3)": pl.Decimal(18, 3),
            "DECIMAL(18,3)[]": pl.List(pl.Decimal(18, 3)),
        }  # fmt: skip
        return {name: known[types[name]] for name in names}
