"""Studies with a history, night after night: `python -m tests.histories WALKS [SEED [SHARDS]]`.

People hand in, correct, shorten, delete, move, rename, pack and unpack exports; a coordinator breaks and mends rows,
moves and cancels infusions, agrees on other goals; a night has a wrong clock, or is killed. After every night what is
published must be what a fresh study publishes that has today's inbox and control files, but for what is said to stand:
files that are merely gone (they stay counted), people and goals that are held (their weeks stand as they were).
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import STEPS, run_step, run_steps
from models.store import store as store_module
from models.store.read import published
from tests.studies import StudyFolder, at, garmin_day
from tests.writers import apple, diary, garmin_activities_csv, oura

PEOPLE = ("P1", "P2", "P3")
FIRST = date(2026, 3, 2)
Files = dict[str, bytes]
Rows = dict[str, set[tuple]]


# What a person's phone and watch remember ---------------------------------------------------------------------------
@dataclass
class Life:
    """Steps and one walk a day, as the person's apps tell them today: they may be corrected, or deleted."""

    steps: dict[date, int] = field(default_factory=dict)
    walks: dict[date, int] = field(default_factory=dict)  # minutes of the walk at noon
    diary: dict[date, int] = field(default_factory=dict)  # minutes of yoga

    def grow(self, rng: random.Random) -> None:
        """Another day."""
        day = max(self.steps, default=FIRST - timedelta(days=3)) + timedelta(days=1)
        self.steps[day] = rng.randrange(600, 12_000, 100)
        if rng.random() < 0.5:
            self.walks[day] = rng.randrange(10, 90)
        if rng.random() < 0.4:
            self.diary[day] = rng.randrange(5, 60)

    def change(self, rng: random.Random) -> None:
        """Something that was told already is told differently, or no longer."""
        told = rng.choice([told for told in (self.steps, self.walks, self.diary) if told] or [self.steps])
        if not told:
            return
        day = rng.choice(sorted(told))
        if told is not self.steps and rng.random() < 0.5:
            del told[day]
        else:
            told[day] = max(1, told[day] // rng.choice((2, 3)) if rng.random() < 0.5 else told[day] + 7)


def apple_export(life: Life, rng: random.Random) -> Files:
    """A whole history in one file."""
    said = []
    for day, steps in sorted(life.steps.items()):
        for hour in range(8, 20):
            begins = at(f"{day} {hour:02}:00").astimezone(UTC)
            said.append(apple.record(begins, begins + timedelta(minutes=10), steps // 12))
    for day, minutes in sorted(life.walks.items()):
        begins = at(f"{day} 12:00").astimezone(UTC)
        said.append(apple.workout("Walking", begins, begins + timedelta(minutes=minutes)))
    return {"apple_health_export/export.xml": apple.export_xml(said)} if said else {}


def oura_export(life: Life, rng: random.Random) -> Files:
    """A whole history in two files."""
    days = [oura.Day(day, steps, steps // 10) for day, steps in sorted(life.steps.items())]
    walks = [(at(f"{day} 12:00"), minutes) for day, minutes in sorted(life.walks.items())]
    worked = [("walking", begins, begins + timedelta(minutes=minutes)) for begins, minutes in walks]
    return {"App Data/dailyactivity.csv": oura.daily_activity(days), "App Data/workout.csv": oura.workouts(worked)}


def garmin_list(life: Life, rng: random.Random) -> Files:
    """A selection: the page that the person scrolled to."""
    days = sorted(life.walks)[-rng.randint(1, 6) :]
    rows = [
        garmin_activities_csv.Activity("Walking", f"{day} 12:00:00", f"{m // 60:02}:{m % 60:02}:00")
        for day in days
        for m in [life.walks[day]]
    ]
    return {"Activities.csv": garmin_activities_csv.listing(reversed(rows))} if rows else {}


def garmin_days(life: Life, rng: random.Random) -> Files:
    """Some days of a watch, a file each."""
    days = rng.sample(sorted(life.steps), min(2, len(life.steps)))
    return {f"{day}.fit": garmin_day(str(day), life.steps[day]) for day in days}


EXPORTS: dict[str, Callable[[Life, random.Random], Files]] = {
    "apple": apple_export, "oura": oura_export, "list": garmin_list, "garmin": garmin_days,
}  # fmt: skip


def packed(files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def members(content: bytes) -> Files:
    """The files in a zip; of any other file itself."""
    if not content.startswith(b"PK"):
        return {"": content}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# The study and its history ------------------------------------------------------------------------------------------
@dataclass
class Walk:
    """A study folder, what lies in it, and what is expected to stand although it lies there no more."""

    rng: random.Random
    folder: Path
    lives: dict[str, Life] = field(default_factory=lambda: {who: Life() for who in PEOPLE})
    drops: dict[str, dict[str, bytes]] = field(default_factory=dict)  # path of a drop below the inbox: its files
    gone: list[tuple[str, str, bytes]] = field(default_factory=list)  # person, path, content: merely gone, so counted
    control: dict[str, list[str]] = field(default_factory=dict)
    broken: dict[tuple[str, int], str] = field(default_factory=dict)  # file, line: what stood there
    as_of: date = FIRST + timedelta(days=4)
    numbers: int = 0
    settings: str = ""  # more of study.toml, which a fresh study does without
    told: list[str] = field(default_factory=list)
    before: Rows = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)  # contents that lay there in a night

    def __post_init__(self) -> None:
        self.control = {
            "participants": [f"{who},,," for who in PEOPLE],
            "infusions": [f"{who}-I{n},{who},{FIRST + timedelta(days=9 * n)},,"
                          for who in PEOPLE for n in range(2)],
            "goals": [
                f"{who}-{metric},1,{who},,1,2,{kind},{metric},{target},{per_day},,2026-03-01,,,"
                for who in PEOPLE
                for kind, metric, target, per_day in (
                    ("daily_mean", "steps", 5000, ""), ("weekly_total", "walking_minutes", 90, ""),
                    ("days_with", "yoga_minutes", 2, 10),
                )
            ],
            "holds": [f"P1,{FIRST + timedelta(days=5)},{FIRST + timedelta(days=6)},flu"],
            "zones": [f"P2,{FIRST + timedelta(days=4)},America/Chicago"],
            "attendance": [f"{who},{FIRST + timedelta(days=2)},yoga,20,18:30,nurse" for who in PEOPLE],
        }  # fmt: skip
        for life in self.lives.values():
            for _ in range(5):
                life.grow(self.rng)

    # What happens between two nights
    def hand_in(self) -> str:
        """An export of somebody as of today; the older ones stay."""
        who, kind = self.rng.choice(PEOPLE), self.rng.choice(sorted(EXPORTS))
        files = EXPORTS[kind](self.lives[who], self.rng)
        self.numbers += 1
        if not files:
            return "nothing"
        if kind == "garmin":
            for name, content in files.items():
                self.drops[f"{who}/{self.numbers}-{name}"] = {"": content}
        elif self.rng.random() < 0.5:
            self.drops[f"{who}/{kind}-{self.numbers}.zip"] = {"": packed(files)}
        else:
            self.drops[f"{who}/{kind}-{self.numbers}"] = files
        return f"hand in {kind}"

    def write_diary(self) -> str:
        who = self.rng.choice(PEOPLE)
        entries = [(day, "yoga", minutes) for day, minutes in sorted(self.lives[who].diary.items())]
        self.drops[f"{who}/diary.csv"] = {"": diary.diary(entries, start_times=False)}
        return "write diary"

    def another_day(self) -> str:
        for life in self.lives.values():
            life.grow(self.rng)
        self.as_of += timedelta(days=1)
        return "another day"

    def correct(self) -> str:
        self.lives[self.rng.choice(PEOPLE)].change(self.rng)
        return "correct"

    def move(self) -> str:
        """A drop into another person's folder."""
        if not (path := self._drop()):
            return "nothing"
        other = self.rng.choice([who for who in PEOPLE if not path.startswith(f"{who}/")])
        if (target := f"{other}/{path.partition('/')[2]}") in self.drops:
            return "nothing"
        self.drops[target] = self.drops.pop(path)
        return "move"

    def rename(self) -> str:
        if not (path := self._drop()) or path.endswith("diary.csv"):
            return "nothing"
        self.numbers += 1
        folder, _, name = path.rpartition("/")
        self.drops[f"{folder}/{self.numbers}-{name.partition('-')[2] or name}"] = self.drops.pop(path)
        return "rename"

    def lose(self) -> str:
        """A drop is taken out of the inbox: a clinic may archive."""
        if not (path := self._drop()) or "travel" in self.told:
            return "nothing"
        self._is_gone(path)
        return "lose"

    def unpack(self) -> str:
        zips = [path for path in self.drops if path.endswith(".zip")]
        if not zips:
            return "nothing"
        path = self.rng.choice(zips)
        self.drops[path.removesuffix(".zip")] = members(self.drops.pop(path)[""])
        return "unpack"

    def pack(self) -> str:
        folders = [path for path, files in self.drops.items() if "" not in files]
        if not folders:
            return "nothing"
        path = self.rng.choice(folders)
        self.drops[f"{path}.zip"] = {"": packed(self.drops.pop(path))}
        return "pack"

    def break_a_row(self) -> str:
        """A cell that nobody can read, in a row whose person or goal is still told."""
        file = self.rng.choice(sorted(self.control))
        spoiled = {"participants": 1, "infusions": 2, "goals": 8, "holds": 1, "zones": 2, "attendance": 3}[file]
        line = self.rng.randrange(len(self.control[file]))
        if (file, line) in self.broken:
            return "nothing"
        self.broken[file, line] = self.control[file][line]
        cells = self.control[file][line].split(",")
        cells[spoiled] = "???"
        self.control[file][line] = ",".join(cells)
        return f"break a row of {file}"

    def mend(self) -> str:
        for (file, line), row in self.broken.items():
            self.control[file][line] = row
        told = "mend" if self.broken else "nothing"
        self.broken.clear()
        return told

    def move_infusion(self) -> str:
        line = self.rng.randrange(len(self.control["infusions"]))
        if ("infusions", line) in self.broken:
            return "nothing"
        cells = self.control["infusions"][line].split(",")
        cells[2] = str(date.fromisoformat(cells[2]) + timedelta(days=self.rng.choice((-1, 1))))
        self.control["infusions"][line] = ",".join(cells)
        return "move an infusion"

    def cancel_infusion(self) -> str:
        line = self.rng.randrange(len(self.control["infusions"]))
        if ("infusions", line) in self.broken:
            return "nothing"
        cells = self.control["infusions"][line].split(",")
        cells[3] = "" if cells[3] else "cancelled"
        self.control["infusions"][line] = ",".join(cells)
        return "cancel an infusion, or not"

    def agree_anew(self) -> str:
        line = self.rng.randrange(len(self.control["goals"]))
        cells = self.control["goals"][line].split(",")
        self.numbers += 1
        cells[1], cells[11] = str(self.numbers + 1), str(self.as_of)
        cells[8] = "1" if cells[6] == "days_with" else str(self.rng.randrange(50, 9000))
        self.control["goals"].append(",".join(cells))
        return "agree anew"

    def hold(self) -> str:
        day = self.as_of - timedelta(days=self.rng.randrange(6))
        self.control["holds"].append(f"{self.rng.choice(PEOPLE)},{day},{day},flu")
        return "hold"

    def attend(self) -> str:
        """A session at the clinic, of any day there is; or one is taken back, or told otherwise."""
        rows, line = self.control["attendance"], self.rng.randrange(len(self.control["attendance"]))
        is_broken = any(file == "attendance" for file, _ in self.broken)
        if not is_broken and len(rows) > 2 and self.rng.random() < 0.4:
            cells = rows.pop(line).split(",")
            if self.rng.random() < 0.5:
                rows.append(",".join([*cells[:3], str(self.rng.randrange(1, 90)), *cells[4:]]))
            return "attend otherwise"
        day = self.as_of - timedelta(days=self.rng.randrange(12))
        what, self.numbers = self.rng.choice(("yoga", "dance", "walking", "massage")), self.numbers + 1
        at = self.rng.choice(("", f"{self.numbers % 24:02}:{self.numbers % 60:02}", "23:50"))
        row = f"{self.rng.choice(PEOPLE)},{day},{what},{self.rng.randrange(1, 60)},{at},"
        if not (at and any(r.startswith(row[: row.index(what)] + what) and f",{at}," in r for r in rows)):
            rows.append(row)
        return "attend"

    def leave(self) -> str:
        line = self.rng.randrange(len(self.control["participants"]))
        if ("participants", line) in self.broken:
            return "nothing"
        cells = (self.control["participants"][line] + ",,,,").split(",")[:5]
        cells[4] = "" if cells[4] else str(self.as_of - timedelta(days=self.rng.randrange(-3, 12)))
        self.control["participants"][line] = ",".join(cells)
        return "leave, or come back"

    def travel(self) -> str:
        who, day = self.rng.choice(PEOPLE), self.as_of - timedelta(days=self.rng.randrange(5))
        if any(person == who for person, _, _ in self.gone):
            return "nothing"  # what is gone keeps the dates that it was read with
        if any(row.startswith(f"{who},{day}") for row in self.control["zones"]):
            return "nothing"
        zone = self.rng.choice(("Europe/Berlin", "America/Denver", "Asia/Tokyo"))
        self.control["zones"].append(f"{who},{day},{zone}")
        return "travel"

    def _drop(self) -> str | None:
        return self.rng.choice(sorted(self.drops)) if self.drops else None

    def _is_gone(self, path: str) -> None:
        who, _, rest = path.partition("/")
        for name, content in self.drops.pop(path).items():
            if content not in self.seen:
                continue  # no night saw it
            self.gone.append((who, f"{rest}/{name}" if name else rest, content))

    # A night
    def night(self, things: int | None = None, is_compared: bool = True) -> None:
        """Some things happen, a night is walked (perhaps killed and walked again), and is compared with a fresh one."""
        happens = [self.hand_in] * 4 + [
            self.write_diary, self.another_day, self.another_day, self.correct, self.correct, self.move, self.rename,
            self.lose, self.unpack, self.pack, self.break_a_row, self.mend, self.mend, self.move_infusion,
            self.cancel_infusion, self.agree_anew, self.hold, self.travel, self.attend, self.attend, self.leave,
        ]  # fmt: skip
        self.told = []
        for _ in range(things or self.rng.randint(1, 4)):
            self.told.append(self.rng.choice(happens)())
        self.lay_out(StudyFolder(self.folder, settings=self.settings))
        if self.rng.random() < 0.15:
            self.told.append("a clock a year ahead")
            with a_year_ahead():
                self.walk()
        if self.rng.random() < 0.2:
            self.told.append("killed")
            self.walk(dies_at=self.rng.randrange(len(STEPS)))
        self.walk()
        self.seen |= {content for files in self.drops.values() for content in files.values()}
        found = rows_of(StudyFolder(self.folder))
        if is_compared:
            other = self.differences(self.fresh(), found)
            assert not other, "\n".join(other)
        self.before = found

    def walk(self, dies_at: int | None = None) -> Run | None:
        """The steps, as of this night's date; killed before a step where that is asked for."""
        run = begin(self.folder, Scope(as_of=None))
        if dies_at is None:
            return run_steps(run)

        def walked(step: Callable[[Run], None], of: Run) -> None:
            if step is STEPS[dies_at]:
                raise KeyboardInterrupt
            run_step(step, of)

        with mock.patch("flows.night.steps.run_step", walked), suppress(KeyboardInterrupt):
            run_steps(run)
        return None

    def lay_out(self, study: StudyFolder) -> None:
        """Inbox and control files as they are today."""
        study.participants, study.infusions = self.control["participants"], self.control["infusions"]
        study.goals, study.holds, study.zones = self.control["goals"], self.control["holds"], self.control["zones"]
        study.attendance = self.control["attendance"]
        study.as_of = self.as_of
        study.write()
        wanted = {f"{path}/{name}" if name else path: content
                  for path, files in self.drops.items() for name, content in files.items()}  # fmt: skip
        inbox = study.folder / "inbox"
        for path in [path for path in inbox.rglob("*") if path.is_file()]:
            if path.relative_to(inbox).as_posix() not in wanted:
                path.unlink()
        for path, content in wanted.items():
            if not (inbox / path).exists() or (inbox / path).read_bytes() != content:
                study.put(path, content)
        (inbox / "P1").mkdir(exist_ok=True)

    def fresh(self) -> Rows:
        """What a fresh study publishes of what counts today."""
        with tempfile.TemporaryDirectory() as folder:
            fresh = StudyFolder(Path(folder))
            self.lay_out(fresh)
            for path, content in self.still_counted():
                fresh.put(path, content)
            run_steps(begin(fresh.folder, Scope()))
            return rows_of(fresh)

    def differences(self, expected: Rows, found: Rows) -> list[str]:
        """Where what is published is not what a fresh study publishes, in words."""
        days_stand, weeks_stand, goals_stand = self.held()
        other = []
        for table in expected:
            stand = days_stand if table in DAYS else weeks_stand
            for name, rows in (("lacks", expected[table] - found[table]), ("has", found[table] - expected[table])):
                wrong = [r for r in rows if r[0] not in stand and not (table in GOALS and r[2] in goals_stand)]
                other += [f"{table} {name} {row}" for row in sorted(wrong, key=str)[:3]]
        before = self.before.get("goal_week", set())
        never_stood = {row[0] for row in before if "control_row_unusable" in row}
        for table in WEEKS if before else ():
            for row in found[table] - self.before[table]:
                is_held = row[0] in weeks_stand - never_stood or (table in GOALS and row[2] in goals_stand)
                if is_held and "control_row_unusable" not in row:
                    other.append(f"{table} of somebody held has another row {row}")
        return other

    def still_counted(self) -> Iterator[tuple[str, bytes]]:
        """What is merely gone: it lies in nobody's folder, and no newer diary has its place."""
        lying: dict[bytes, set[str]] = {}
        for drop, files in self.drops.items():
            for content in files.values():
                for inside in members(content).values():
                    lying.setdefault(inside, set()).add(drop.partition("/")[0])
        for n, (who, path, content) in enumerate(self.gone):
            is_diary = path.endswith("diary.csv")
            later = [(w, p) for w, p, _ in self.gone[n + 1 :]] + [(who, path)] * (f"{who}/{path}" in self.drops)
            if is_diary and (who, path) in later:
                continue
            for name, inside in members(content).items():
                if who in lying.get(inside, {who}):
                    place = path if is_diary else f"gone/{path}/{name}".rstrip("/")
                    yield f"{who}/{place}", inside

    def held(self) -> tuple[set[str], set[str], set[str]]:
        """Whose days stand, whose weeks, and which goals, for a row that cannot be used."""
        of: dict[str, set[str]] = {file: set() for file in self.control}
        for (file, _), row in self.broken.items():
            of[file].add(row.split(",")[1 if file == "infusions" else 0])
        weeks = of["participants"] | of["zones"] | of["infusions"] | of["holds"] | of["attendance"]
        # where a session at the clinic cannot be used, days go on with those that were known before
        return of["participants"] | of["zones"] | of["attendance"], weeks, of["goals"]


DAYS = ("daily_activity", "session")
WEEKS = ("goal_week", "weekly_activity", "infusion_window")
GOALS = ("goal_week",)
COMPARED = {
    "daily_activity": "*",
    "session": "*",
    "weekly_activity": "*",
    "infusion_window": "*",
    "goal_week": "participant_id, goal_id, infusion_id, week, version, week_start, week_end, kind, metric, target, "
    "target_effective, value, percent, status, reason, basis, eligible_days, valid_days, is_truncated, truncated_by",
}


def rows_of(study: StudyFolder) -> Rows:
    """What is published of people, their person first."""
    found = {}
    with published(study.folder / "warehouse") as ask:
        for table, columns in COMPARED.items():
            found[table] = set(ask(f"SELECT participant_id, * FROM (SELECT {columns} FROM {table})")[1])
    return found


class a_year_ahead:
    """The machine's clock, as the steps and the books read it, is a year ahead."""

    def __enter__(self) -> None:
        class Ahead(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + timedelta(days=366)  # type: ignore[arg-type]

        self.patches = [
            mock.patch("flows.environment.datetime", Ahead),
            mock.patch.object(store_module, "datetime", Ahead),
        ]
        for patch in self.patches:
            patch.start()

    def __exit__(self, *_: object) -> None:
        for patch in self.patches:
            patch.stop()


def walks(number: int, seed: int = 1, nights: int = 6, settings: str = "") -> Iterator[tuple[int, int, list[str], str]]:
    """So many walks: seed, night, what happened before it, what is wrong after it (empty: nothing)."""
    for start in range(seed, seed + number):
        with tempfile.TemporaryDirectory() as folder:
            walked = Walk(random.Random(start), Path(folder), settings=settings)
            for night in range(nights):
                wrong = ""
                try:
                    walked.night()
                except AssertionError as error:
                    wrong = str(error)
                yield start, night, walked.told, wrong
                if wrong:
                    break


def main() -> None:
    number, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    settings = f"[warehouse]\nshards = {sys.argv[3]}\n" if len(sys.argv) > 3 else ""
    happened, nights, violations, begun = Counter[str](), 0, 0, time.monotonic()
    try:
        for start, night, told, wrong in walks(number, seed, settings=settings):
            nights += 1
            happened.update(told)
            if wrong:
                violations += 1
                print(f"walk {start}, night {night}, after {'; '.join(told)}:\n{wrong}\n", flush=True)
    finally:
        print(f"{nights} nights in {time.monotonic() - begun:.0f} s, {violations} violations; {dict(happened)}")


if __name__ == "__main__":
    main()
