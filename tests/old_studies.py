"""A small study as each version left it, kept as an archive: `python -m tests.old_studies` writes that of this version.

What a later version may find: the store, the published file, copies of control files that were used, a frozen
and two issued targets, a verdict that late data turned, a file that was unloaded, the tombstone of somebody forgotten.
A version's archive is written once, before its release; tests go on with each. Unlike the stores of tests/stores, which
are SQL, it is the files themselves, so that their format is tried, too.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from datetime import date, timedelta
from pathlib import Path

from flows.cli import main as stepwindow
from flows.version import CODE_VERSION
from tests.studies import StudyFolder, fitbit_day, garmin_day

HERE = Path(__file__).parent / "before"
LEFT_OUT = ("logs", "report", "prefect", "letters")  # pages and what an engine and a log keep is no state
FIRST, LAST = date(2026, 3, 12), date(2026, 3, 23)
LATE = "P1/2026-03-05.fit"


def a_study(folder: Path) -> StudyFolder:
    """Three people, of whom P3 withdraws; what is handed over in the first night."""
    study = StudyFolder(folder, participants=["P1,,,", "P2,,,", "P3,,,"], as_of=FIRST)
    study.infusions = ["I1,P1,2026-03-02,,", "I2,P2,2026-03-02,,", "I3,P3,2026-03-02,,"]
    study.goals = [
        "steps,,P1,,1,2,daily_mean,steps,6000,,,2026-03-01,,,",
        "derived,,P1,,1,2,daily_mean,steps,,,baseline_pct:10,2026-03-01,,,",
        "rising,,P1,,1,3,weekly_total,steps,30000,,step_up:5000,2026-03-01,,,",
        "other,,P2,,1,1,daily_mean,steps,3000,,,2026-03-01,,,",
        "third,,P3,,1,1,daily_mean,steps,3000,,,2026-03-01,,,",
    ]
    study.write()
    for day in (date(2026, 2, 20) + timedelta(n) for n in range(20)):
        if day != date(2026, 3, 5):
            study.put(f"P1/{day}.fit", garmin_day(f"{day}", 5000 + 100 * day.day))
    for who in ("P2", "P3"):
        for name, content in fitbit_day("2026-03-05", 4000).items():
            study.put(f"{who}/{name}", content)
    return study


def live(study: StudyFolder) -> None:
    """Its nights, and what was done to it by hand."""

    def command(*words: str) -> None:
        assert stepwindow([*words, "--study", str(study.folder)]) == 0, words

    command("nightly", "--no-engine")
    study.put(LATE, garmin_day("2026-03-05", 9000))
    study.holds, study.as_of = ["P1,2026-03-10,2026-03-11,travel"], LAST
    study.write()
    command("nightly", "--no-engine")
    command("unload", "P2", "P2/steps_2026-03-05.csv")
    command("forget", "P3", "--yes")


def main() -> int:
    """Write the study of this version."""
    target = HERE / f"{CODE_VERSION}.tar.xz"
    with tempfile.TemporaryDirectory() as folder:
        study = a_study(Path(folder) / "study")
        live(study)
        HERE.mkdir(exist_ok=True)
        with tarfile.open(target, "w:xz", format=tarfile.PAX_FORMAT) as archive:
            archive.add(study.folder, "study", filter=_kept)
    print(target)
    return 0


def unpack(archive: Path, folder: Path) -> None:
    """All that is in an archive of ours, into a folder."""
    with tarfile.open(archive) as whole:
        whole.extraction_filter = getattr(tarfile, "data_filter", None)  # which Python 3.11.2 does not have
        whole.extractall(folder)


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = Path(member.name).parts
    if parts[1:2] == ("warehouse",) and set(parts[2:3]) & set(LEFT_OUT):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    sys.exit(main())
