"""What a person should know of a study: the worklist as of the last run, how that run was, and what changed since.

Nothing is kept: control files and inbox are looked at as they are now, the rest is asked of the store, or of what is
published while a run holds the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rich.markup import escape

from flows.answers import changes, worklist
from flows.answers.control_findings import changed_goals, copies_of_control_files, days_to_come, unknown_sources
from flows.answers.finding import NOTE, NOW, SOON, Finding, by_urgency, of_fault, of_store, show_findings, some
from flows.answers.reader_findings import broken_plug_ins, missing_readers
from flows.answers.remains import remains
from flows.answers.since_last_run import changed_rows, new_faults, standing_faults
from flows.answers.worklist_item import COLUMNS, Item
from flows.answers.worklist_repairs import Names
from flows.environment import as_of
from flows.night import health
from flows.night.inbox import EVERYTHING, look_into
from flows.night.inbox_file import Before
from flows.output import several
from flows.terminal import console, table
from models.fault import ALARM, CONTROL_FILE, REJECTED_FILE, UNKNOWN_FOLDER, Fault, StoreError
from models.store.ledger import is_gone
from models.store.read import published
from models.store.scan import Scan
from models.store.sql import queries, statement
from models.store.status import Known, Row, ask, noted_before
from models.study.study import Study

MOST_FILES = 50_000  # of the inbox that an answer looks at


@dataclass
class Status:
    """All that `status` shows. `findings` hold the worklist, too. `waiting`: files that lie in the inbox and are not
    loaded; None: not known now, or not all were looked at."""

    study: str
    as_of: date
    findings: list[Finding]
    waiting: int | None
    last_run: Row | None
    participants: list[Row]
    worklist: list[Item]
    changes: list[Row]  # of the last run, what tells most first

    def as_json(self) -> Row:
        """For machines."""
        items = [{name: getattr(item, name) for name in COLUMNS} for item in self.worklist]
        changed = [changes.as_json(line) for line in self.changes]
        findings = [finding.as_json() for finding in self.findings]
        return {**vars(self), "findings": findings, "worklist": items, "changes": changed}


def look(study: Study, everything: bool = False) -> Status:
    """Look at a study as it is now. Works while a run holds the store, and before the first one.

    `everything`: at every file of the inbox, however many there are.
    """
    day = as_of(study)
    scan = look_into(study, before=EVERYTHING if everything else _bounded(study))
    told, people = _of_the_last_run(study, day)
    shared = [content for row in told.get("same_file", ()) for content in row["contents"]]
    given = {"as_of": day, "control": study.print, "shared": shared}
    known = ask(study.warehouse, queries("ask/status"), given, scan)
    last = next(iter(known.answers["last_run"]), None)
    todo = worklist.items(told, _names(study, known)) if told else []
    for row in (*known.answers["last_run"], *people):
        row |= {key: value.replace(tzinfo=UTC) for key, value in row.items() if isinstance(value, datetime)}
    found = [*_of_runs(study, known, last), *_of_the_inbox(study, known, scan, todo)]
    found += [*_of_control_files(study, scan.refused), *_of_files(known, last, scan)]
    found += [*broken_plug_ins(), *missing_readers(known.answers["readers"])]
    found += [*changed_goals(study, known.answers["ruled"]), *unknown_sources(study), *days_to_come(study)]
    found += [*_of_pages(known.answers["unwritten"]), *_of_drift(known.answers)]
    refused = [fault for fault, _ in standing_faults(known.answers["standing"]) if fault.kind == REJECTED_FILE]
    found += [item.finding for item in todo if not (refused and item.kind == REJECTED_FILE)]
    found += _of_rejections(refused)  # file by file, where the store can name them
    found += remains(study)
    waiting = len(scan.path) if last is None else None if known.waiting is None else len(known.waiting)
    waiting = None if scan.left else waiting
    changed = _changes(study) if last else []
    return Status(study.name, day, by_urgency(found), waiting, last, people, todo, changed)


def _bounded(study: Study) -> Before:
    """A look that takes no longer where there are very many files: then folders are known by when their names changed,
    and of what changed no more is looked at than an answer has time for."""
    noted = noted_before(study.warehouse)
    return Before(noted, sum(one.files for one in noted.values()) > MOST_FILES, MOST_FILES)


def _changes(study: Study) -> list[Row]:
    """None where what is published is of an older form, or is gone: `_of_runs` says what to run."""
    with suppress(StoreError):
        return changes.of_last_run(study.folder, study.warehouse)[0]
    return []


def _of_the_last_run(study: Study, day: date) -> tuple[dict[str, list[Row]], list[Row]]:
    """What the worklist is made of, and everybody's files."""
    with suppress(StoreError), published(study.warehouse) as opened:
        return worklist.relations(opened.ask), opened.ask(statement("ask/people"), as_of=day)
    return {}, []  # there is none yet, or it is of an older form: `_of_runs` says what to run


def _names(study: Study, known: Known) -> Names:
    """What is on the worklist by name, as far as the store can be asked."""
    not_used: dict[tuple, list[str]] = defaultdict(list)
    now = {fault.key: fault for fault in (*study.faults, *study.losses)}  # which know what a cell says
    for fault, content in standing_faults(known.answers["standing"]):
        place = f"{fault.file}, {fault.place}" if fault.kind == CONTROL_FILE else fault.place
        who = None if fault.kind in (CONTROL_FILE, UNKNOWN_FOLDER) else fault.participant_id
        line = of_fault(now.get(fault.key, fault)).what
        not_used[who, content, place, fault.reason].append(line)
    return Names({row["content"]: row["paths"] for row in known.answers["names"]}, not_used)


def _of_runs(study: Study, known: Known, last: Row | None) -> Iterator[Finding]:
    attempt = (health.read(study.warehouse) or {}).get("last_attempt") or {}
    if failed := attempt.get("failed"):
        what = f"The last {attempt['command']} failed at {attempt['ended_at']} ({failed['step']}): {failed['what']}"
        yield Finding(NOW, "run", what, "`stepwindow doctor` looks for the cause; then run `stepwindow nightly`")
    if last is None and known.trouble is None:
        yield Finding(NOW, "run", "No run has reached its end yet.", "run `stepwindow nightly`")
    elif known.trouble and (study.warehouse / "store.duckdb").exists():
        yield of_store(known.trouble)
        if last:
            yield Finding(NOTE, "published", "What follows was published before.", "look again later for file names")
    elif known.trouble:
        yield Finding(NOTE, "run", "There was no night yet.", "run `stepwindow nightly`")
    age = datetime.now(UTC) - last["ended_at"] if last else timedelta()
    if age > timedelta(hours=36) and not study.settings.as_of:
        what = f"The last run ended {age.days} days and {age.seconds // 3600} hours ago."
        yield Finding(NOW, "run", what, "see whether the schedule still runs; `stepwindow nightly` catches up")


def _of_the_inbox(study: Study, known: Known, scan: Scan, todo: list[Item]) -> Iterator[Finding]:
    """What is wrong with the inbox as it is now: that it is gone, and what is no longer in it."""
    if scan.left:
        what = (
            f"Too much is new in the inbox to be looked at here: {several(len(scan.left), 'folder')} of people are left"
        )
        yield Finding(
            NOTE, "not_looked_at", what, "the next night looks at all of it, or `stepwindow status --all` now"
        )
    all_is_gone = known.loaded[0] > 0
    if all_is_gone and all(item.kind != ALARM for item in todo):
        yield of_fault(is_gone(*known.loaded))
    for who, first, files in known.gone if not all_is_gone else ():
        more = f" and {several(files - 1, 'file')} more" if files > 1 else ""
        what = f"{who}: {first}{more} of what was loaded no longer lies in the inbox, and stays counted"
        remedy = "nothing, where it was archived; `stepwindow unload` takes out what is not to count"
        yield Finding(NOTE, "gone", what, remedy, who)


def _of_control_files(study: Study, refused: list[Fault]) -> Iterator[Finding]:
    yield from new_faults(study, [*study.losses, *study.faults, *refused])
    yield from changed_rows(study)
    for note in study.notes:
        yield Finding(NOTE, "control_file_note", note, "correct it, or leave it as it is: all else is read")
    yield from copies_of_control_files(study)


def _of_files(known: Known, last: Row | None, scan: Scan) -> Iterator[Finding]:
    began = last["started_at"].timestamp() * 1e9 if last else 0
    left = [row for row in known.waiting or () if row["modified_ns"] < began]
    for row in left:
        what = f"{row['path']}: was there during the last night and is not loaded"
        remedy = "it may still have been written then; run `stepwindow nightly` when it is complete"
        yield Finding(SOON, "left_waiting", what, remedy, row["participant_id"])
    if fresh := len(known.waiting or ()) - len(left):
        what = f"{'at least ' if scan.left else ''}{several(fresh, 'file')} in the inbox not loaded yet"
        yield Finding(NOTE, "waiting", what, "the next night loads them, or `stepwindow nightly` now")
    for row in known.answers["unloaded"]:
        where = f" ({row['path']} ...)" if row["path"] else ""
        what = f"{row['participant_id']}: {several(row['files'], 'file')} taken out of the count by hand{where}"
        remedy = "`stepwindow unload PARTICIPANT FILE --undo` lets one count again"
        yield Finding(NOTE, "unloaded", what, remedy, row["participant_id"])
    yield from _of_companions(known.answers["companions"])
    for row in known.answers["unknown"]:
        name = row["export"] or f"an export of {row['participant_id']}"
        such = f" (such as {'; '.join(row['looks'])})" if row["looks"] else ""
        what = f"{name}: {several(row['files'], 'file')} that no reader knows, beside those that are known{such}"
        remedy = "nothing, unless steps are missing: then ask for a reader for them"
        yield Finding(NOTE, "unknown_in_export", what, remedy, row["participant_id"])


def _of_rejections(faults: list[Fault]) -> Iterator[Finding]:
    """Each for itself, but five files or more of one person that look alike together."""
    alike: dict[tuple, list[Fault]] = {}
    for fault in faults:
        alike.setdefault((fault.participant_id, fault.place, fault.found, fault.remedy), []).append(fault)
    for (who, place, found, remedy), same in alike.items():
        if len(same) < 5 or place != "whole file" or who is None:
            yield from map(of_fault, same)
        else:
            what = f"{who}: {len(same):,} files, found {found}: {some([fault.file for fault in same])}"
            yield Finding(SOON, same[0].kind, what, remedy, who)


def _of_companions(rows: list[Row]) -> Iterator[Finding]:
    """Files that are known, of people who handed in nothing else: nobody would hear that nothing counts."""
    if not rows:
        return
    from connectors import instead_of_companions  # here, for `status` is to start fast

    for row in rows:
        instead = instead_of_companions(row["connector"])
        more = f" and {several(row['files'] - 1, 'file')} more" if row["files"] > 1 else ""
        why = f" ({row['note']})" if row["note"] else ""
        what = f"{row['path'] or row['participant_id']}{more}: nothing in it counts{why}"
        remedy = f"hand over {instead.hand_over}: {instead.where}" if instead else "ask for an export"
        yield Finding(SOON, "nothing_counts", what, remedy, row["participant_id"])


def _of_pages(rows: list[Row]) -> Iterator[Finding]:
    for row in rows:
        yield Finding(
            NOW, "held", f"{row['participant_id']}: {row['reason']}", row["what_to_do"], row["participant_id"]
        )


def _of_drift(answers: dict[str, list[Row]]) -> Iterator[Finding]:
    for row in answers["drift"]:
        where = row["path"] or f"a file of {row['one_of']}"
        more = f" and {several(row['files'] - 1, 'file')} more" if row["files"] > 1 else ""
        what = f"{where}{more}: {row['note']}"
        yield Finding(NOTE, "new_in_export", what, "it was loaded; if a number looks wrong, tell who keeps the reader")
    for row in answers["lack"]:
        what = f"{row['path']}: lacks {several(row['sessions'], 'session')} that an older list has, and they count"
        remedy = (
            "a list holds what was on the screen; if one was deleted on purpose, ask for a list scrolled to its end"
        )
        yield Finding(NOTE, "list_with_a_gap", what, remedy, row["participant_id"])
    for row in answers["nameless"]:
        where = row["path"] or f"the {row['source']} activities of {row['participant_id']}"
        such = f" (such as {row['such_as']})" if row["such_as"] else ""
        what = f"{where}: none of its {row['sessions']:,} activities{such} is of a kind that is known: walks are hidden"
        remedy = (
            "set the app to English and export again, or have the words added to the reader; a diary can tell walks"
        )
        yield Finding(SOON, "nameless_activities", what, remedy, row["participant_id"])
    for row in answers["other"]:
        kind = row["vendor_activity"] or "their files name no kind that is known"
        what = f"{several(row['sessions'], 'session')} of {row['source']} counted as other: {kind}"
        remedy = "it counts as no workout, yoga or dance; if it should, tell who keeps the reader"
        yield Finding(NOTE, "other_activity", what, remedy)


def show(status: Status, everything: bool) -> None:
    """Print it; unless `everything` is asked for, ten findings of a kind and thirty participants."""
    out = console()
    out.print(f"[bold]{escape(status.study)}[/bold], as of {status.as_of}")
    if last := status.last_run:
        out.print(
            f"last run: {last['command']} as of {last['as_of']}, ended {last['ended_at']:%Y-%m-%d %H:%M} UTC, "
            f"{last['outcome']}: {last['files_loaded']:,} files loaded, {last['files_rejected']:,} rejected, "
            f"{last['weeks_changed']:,} verdicts changed"
        )
        which = "last run that judged" if last["command"] == "forget" else "last run"
        _show_changes(status.changes, which, None if everything else 10)
    most = None if everything else 10
    of_the_worklist = {item.finding for item in status.worklist}
    if not everything and any(item.kind == REJECTED_FILE for item in status.worklist):
        of_the_worklist |= {finding for finding in status.findings if finding.kind == REJECTED_FILE}  # file by file
    beside = [finding for finding in status.findings if finding not in of_the_worklist]
    if not status.findings:
        out.print("\nNothing needs a person.")
    if urgent := [finding for finding in beside if finding.urgency == NOW]:
        out.print("\n[bold]First of all[/bold]")
        show_findings(urgent, most)
    if status.worklist:
        out.print(f"\n[bold]Worklist[/bold], as of the last run: {worklist.summary(status.worklist)}")
        show_findings([item.finding for item in status.worklist], most)
    if others := [finding for finding in beside if finding.urgency != NOW]:
        out.print("\n[bold]Files and settings[/bold]")
        show_findings(others, most)
    if not status.participants:
        return
    rows = status.participants if everything else status.participants[:30]
    numbers = ("days ago", "loaded", "duplicate", "ignored", "rejected")
    columns = ["participant", "data until", "days ago", "last file", *numbers[1:]]
    cells = [
        (r["participant_id"], r["data_until"] or "no data", r["days_ago"], _date(r["last_file_at"]), r["loaded"],
         r["duplicate"], r["ignored"], r["rejected"])
        for r in rows
    ]  # fmt: skip
    out.print()
    out.print(table(columns, cells, "Files, the longest unheard of first", right=numbers))
    if left := len(status.participants) - len(rows):
        out.print(f"... and {left:,} more participants: --all shows them")


def _show_changes(lines: list[Row], which: str, most: int | None) -> None:
    out = console()
    if not lines:
        out.print(f"\n{changes.NONE_CHANGED.capitalize()} in the {which}.")
        return
    out.print(f"\n[bold]Changed in the {which}[/bold] ({len(lines):,})")
    for line in changes.in_words(lines)[:most]:
        out.print(escape(line))
    if most is not None and len(lines) > most:
        out.print(f"... and {len(lines) - most:,} more: `stepwindow changes`")


def _date(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
