"""Small study folders for tests, and the night walked over them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.night import processes as reader
from flows.night import reading
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import run_steps
from models.store.read import published, query_published, query_store
from tests.writers import diary, fit, fitbit

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = timedelta(minutes=1)
AS_OF = date(2026, 3, 23)
LATE = ("2026-03-05.fit", "2026-03-05-10.fit")  # of the sample study's P05


_SHEETS = ("participants", "infusions", "goals", "zones", "holds", "attendance", "outcomes")


@dataclass
class StudyFolder:
    """A study folder on disk that tests fill. Participants P1 and P2; P1 had an infusion on 2026-03-02."""

    folder: Path
    participants: list[str] = field(default_factory=lambda: ["P1,,,", "P2,,,"])
    infusions: list[str] = field(default_factory=lambda: ["I1,P1,2026-03-02,,"])
    goals: list[str] = field(default_factory=lambda: ["G1,,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,"])
    zones: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    attendance: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    covariates: dict[str, str] = field(default_factory=dict)  # sheet: header of more columns at the end of its rows
    settings: str = ""
    as_of: date = AS_OF
    name: str = "Test"
    reports: bool = False  # every night: making the first one costs more than a small night

    def write(self) -> StudyFolder:
        """The control files, as the fields say."""
        (self.folder / "inbox").mkdir(parents=True, exist_ok=True)
        toml = f'name = "{self.name}"\ntimezone = "America/New_York"\n[report]\nnightly = {str(self.reports).lower()}\n'
        toml += f"[goals]\nas_of = {self.as_of}\n{self.settings}"
        goal = (
            "goal_id,version,participant_id,infusion_id,from_week,to_week,kind,metric,target,per_day,derivation,set_on"
        )
        sheets = {
            "participants.csv": ["participant_id,timezone,source_priority,foot_step_goals,left_on", *self.participants],
            "infusions.csv": ["infusion_id,participant_id,infused_on,status,course_id", *self.infusions],
            "goals.csv": [goal + ",effective_from,correction,status", *self.goals],
        }
        if self.zones:
            sheets["zones.csv"] = ["participant_id,from_date,timezone", *self.zones]
        if self.holds:
            sheets["holds.csv"] = ["participant_id,from_date,to_date,reason", *self.holds]
        if self.attendance:
            sheets["attendance.csv"] = ["participant_id,date,activity,minutes,start_time,led_by", *self.attendance]
        if self.outcomes:
            sheets["outcomes.csv"] = ["participant_id,date,scale,score", *self.outcomes]
        for name, header in self.covariates.items():
            sheets[f"{name}.csv"][0] += f",{header}"
        (self.folder / "study.toml").write_text(toml, "utf-8")
        for name, lines in sheets.items():
            (self.folder / name).write_text("\n".join(lines) + "\n", "utf-8")
        return self

    def copied(self, folder: Path) -> StudyFolder:
        """A copy of the study as it is, with its warehouse: what a night made costs much less than the night again."""
        shutil.copytree(self.folder, folder, symlinks=True)
        own = {name: list(getattr(self, name)) for name in _SHEETS} | {"covariates": dict(self.covariates)}
        return replace(self, folder=folder, **own)

    def put(self, path: str, content: bytes | str) -> Path:
        """A file into the inbox."""
        target = self.folder / "inbox" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def night(self, **scope: object) -> Run:
        """All steps, without the engine."""
        return run_steps(begin(self.folder, Scope(**scope)))  # type: ignore[arg-type]

    def ask(self, sql: str) -> list[tuple]:
        """Rows from the published database."""
        return query_published(self.folder / "warehouse", sql)[1]

    def ask_store(self, sql: str) -> list[tuple]:
        """Rows from the store."""
        return query_store(self.folder / "warehouse", sql)[1]

    def day(self, local_date: str, who: str = "P1") -> dict:
        """One row of daily_activity; empty where there is none."""
        sql = f"SELECT * FROM daily_activity WHERE participant_id = '{who}' AND local_date = '{local_date}'"
        columns, rows = query_published(self.folder / "warehouse", sql)
        return dict(zip(columns, rows[0], strict=True)) if rows else {}


def rows_of(study: StudyFolder, *people: str) -> dict[str, list[tuple]]:
    """All that is published of some people, or of everybody, by relation, apart from what each run has its own."""
    with published(study.folder / "warehouse") as ask:
        columns: dict[str, list[str]] = {}
        for table, name in ask("SELECT table_name, column_name FROM duckdb_columns() ORDER BY column_index")[1]:
            if not name.endswith("_at") and name not in ("run_id", "evaluation_id", "supersedes"):
                columns.setdefault(table, []).append(name)
        whose = f"WHERE participant_id IN ({', '.join(map(repr, people))})" if people else ""
        return {
            table: ask(f"SELECT {', '.join(names)} FROM {table} {whose} ORDER BY ALL")[1]
            for table, names in columns.items()
            if "participant_id" in names
        }


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs read in the test's own process, for tests that change what reads."""
    monkeypatch.setattr(
        reader, "read_chunks", lambda chunks, workers=1: ([reading.read_chunk(chunk)] for chunk in chunks)
    )


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    """ "2026-03-03 07:30" on the wall clock of a place."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def minutes(start: datetime, values: list[int]) -> list[tuple[datetime, int]]:
    """One value per minute from `start` on, as UTC."""
    first = start.astimezone(UTC)
    return [(first + n * MINUTE, value) for n, value in enumerate(values)]


def worn_from(start: datetime, hours: float) -> list[tuple[datetime, float]]:
    """Heart beats every ten minutes: a watch on the wrist."""
    first = start.astimezone(UTC)
    return [(first + n * 10 * MINUTE, 62.0) for n in range(int(hours * 6) + 1)]


def fitbit_day(day: str, steps: int = 6000, hours: float = 14) -> dict[str, bytes]:
    """A day of a worn tracker: steps in the afternoon at 100 a minute, heart rate from 08:00."""
    walked = minutes(at(f"{day} 10:00"), [100] * (steps // 100))
    return {
        f"steps_{day}.csv": fitbit.steps({None: walked}),
        f"heart_rate_{day}.csv": fitbit.heart_rate({None: worn_from(at(f"{day} 08:00"), hours)}),
    }


def garmin_day(day: str, steps: int = 6000, **told: object) -> bytes:
    """A day of a worn Garmin watch with one walk in the afternoon."""
    walks = fit.counters([(at(f"{day} 10:00"), steps // 100 * MINUTE, steps)])
    heart = [t for t, _ in worn_from(at(f"{day} 08:00"), 14)]
    return fit.monitoring_day(at(f"{day} 00:00"), counters=walks, heart=heart, **told)


def fill(study: StudyFolder) -> None:
    """Some days of a watch of P1; a day of another and a diary of P2."""
    for day in ("2026-03-03", "2026-03-04", "2026-03-06"):
        study.put(f"P1/garmin/{day}.fit", garmin_day(day))
    for name, content in fitbit_day("2026-03-05", 4000).items():
        study.put(f"P2/{name}", content)
    study.put("P2/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20, "08:00")]))


def a_walk(study: StudyFolder) -> None:
    """One day of P1."""
    study.put("P1/a.fit", garmin_day("2026-03-03"))


def sample_after_two_nights(folder: Path) -> StudyFolder:
    """The sample study after a night as of 2026-03-17, when two files of P05 had not come yet, and one as of 03-23."""
    sample = Path(__file__).parents[1] / "sample_data" / "study"
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("warehouse"))
    study = StudyFolder(folder)
    late = {f"P05/garmin/{name}": (sample / "inbox/P05/garmin" / name).read_bytes() for name in LATE}
    for path in late:
        (folder / "inbox" / path).unlink()
    assert study.night(as_of=date(2026, 3, 17)).is_clean
    for path, content in late.items():
        study.put(path, content)
    assert study.night().is_clean
    return study
