"""Programmes that are made up: their lakes are filled with rows, and no site has a night."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from flows.programme import state
from flows.programme.run import known_of, publish
from flows.programme.state import State
from models.lake.lake import Lake
from models.lake.part import Part
from models.lake.version import SITES
from models.programme import Programme, read_programme

AS_OF = date(2026, 3, 23)
_SITE = {
    "as_of": AS_OF, "contributed_at": datetime(2026, 3, 23, 5, tzinfo=UTC), "outcome": "contributed", "reason": None,
    "version": "2.0", "people": 0, "silent": 0, "files": 0,
}  # fmt: skip
_SITES: dict[str, Any] = {
    "site": pl.String, "as_of": pl.Date, "contributed_at": pl.Datetime("us", "UTC"), "outcome": pl.String,
    "reason": pl.String, "version": pl.String, "people": pl.Int64, "silent": pl.Int64, "files": pl.Int64,
}  # fmt: skip
_GOAL_WEEK = {"participant_id": pl.String, "week_end": pl.Date, "status": pl.String}
_STUDY = {"schema_version": pl.String}
_SQL = {pl.String: "VARCHAR", pl.Date: "DATE"}
Week = tuple[str, date, str]  # participant_id, week_end, status


class MadeUp:
    """A programme in a folder. `sites`: what is other than of a site that is well; `weeks`: goal-weeks by site."""

    def __init__(self, folder: Path, sites: dict[str, dict[str, Any]], weeks: dict[str, list[Week]]) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        blocks = "".join(f'[[site]]\nid = "{site}"\nstudy = "{site}"\n' for site in sites)
        (folder / "programme.toml").write_text(f'name = "Network"\n{blocks}')
        for site in sites:
            (folder / site).mkdir()
            (folder / site / "study.toml").write_text('name = "A site"\ntimezone = "Europe/Berlin"\n')
        self.rows = pl.DataFrame([{"site": site} | _SITE | other for site, other in sites.items()], schema=_SITES)
        lake = Lake(self.programme.lake)
        tables = {
            "goal_week": self._given(lake, "goal_week", _GOAL_WEEK, weeks),
            "study": self._given(lake, "study", _STUDY, {site: [("1",)] for site in sites}),
        }
        version = lake.commit({**tables, SITES: lake.put(SITES, self.rows)}, "all")
        publish(self.programme, lake, version, self.rows)
        state.keep(self.programme, State())

    @property
    def programme(self) -> Programme:
        return read_programme(self.folder)

    @property
    def sites(self) -> list[dict[str, Any]]:
        """As `programme_site`."""
        return self.rows.to_dicts()

    def file(self, relation: str, site: str) -> Path:
        """The file of a relation and a site."""
        return Path(self.programme.lake, relation, next(iter(known_of(Lake(self.programme.lake))[site][relation])))

    @staticmethod
    def _given(lake: Lake, relation: str, schema: dict[str, Any], rows: dict[str, Any]) -> int:
        """The version of a table, of these rows of each site."""
        parts = {}
        for site, theirs in rows.items():
            content, path = BytesIO(), f"site={site}/form-{len(theirs):x}-0.parquet"
            pl.DataFrame(theirs, schema=schema, orient="row").write_parquet(content)
            lake.write(relation, path, content.getvalue())
            parts[site] = [Part(path, len(theirs), content.tell())]
        return lake.take(relation, [tuple((name, _SQL[kind]) for name, kind in schema.items())], parts)
