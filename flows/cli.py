"""The command `stepwindow`: parse, call, print."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

CLEAN, REJECTED, CANNOT = 0, 1, 2

_GOALS = """
    SELECT participant_id, infusion_id, goal_id, week, week_start, kind, metric, status, reason, value,
           target_effective, percent, basis, valid_days, eligible_days, as_of
    FROM goal_week
    WHERE ($who IS NULL OR participant_id = $who) AND ($infusion IS NULL OR infusion_id = $infusion)
    ORDER BY participant_id, week_start, infusion_id, goal_id, week"""


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns 0 all well, 1 something was rejected (all else was done), 2 could not run."""
    arguments = _parser().parse_args(argv)
    from models.store import StoreError
    from models.study import StudyError

    try:
        return arguments.call(arguments)
    except (StoreError, StudyError) as error:
        print(f"stepwindow: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("stepwindow: stopped; what was done is kept, the next run goes on from there", file=sys.stderr)
        return CANNOT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stepwindow", description="Movement after IV ketamine: exports in, honest weekly verdicts out."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    study = argparse.ArgumentParser(add_help=False)
    here = os.environ.get("STEPWINDOW_STUDY", ".")
    study.add_argument(
        "--study", type=Path, default=Path(here), metavar="DIR", help="the study folder (default: %(default)s)"
    )
    study.add_argument("--json", action="store_true", help="print for machines")
    walk = argparse.ArgumentParser(add_help=False)
    walk.add_argument("--as-of", type=_date, metavar="DATE", help="judge as of this date (default: today)")
    walk.add_argument("--no-engine", action="store_true", help="without Prefect: for cron on a small machine")

    command = commands.add_parser("nightly", parents=[study, walk], help="load what is new, judge, publish")
    command.set_defaults(call=_nightly)

    command = commands.add_parser("backfill", parents=[study, walk], help="the same over a chosen part")
    command.add_argument("--participant", help="only this person's folder")
    command.add_argument(
        "--from", dest="since", type=_date, metavar="DATE", help="only files with data on or after this date"
    )
    command.add_argument(
        "--to", dest="until", type=_date, metavar="DATE", help="only files with data on or before this date"
    )
    command.add_argument("--connector", action="append", default=[], help="only exports of this kind (may be repeated)")
    command.add_argument("--reload", action="store_true", help="decode again what was loaded before")
    command.add_argument("--rebuild", action="store_true", help="make the store anew from the inbox")
    command.add_argument(
        "--known-by", type=_moment, metavar="TIME", help="with what was loaded until then; keeps nothing"
    )
    command.add_argument("--plan", action="store_true", help="say what would be read, do nothing")
    command.set_defaults(call=_backfill)

    command = commands.add_parser("goals", parents=[study], help="the current verdicts")
    command.add_argument("--participant")
    command.add_argument("--infusion")
    command.add_argument("--as-of", type=_date, metavar="DATE", help="judge as of this date instead; nothing is kept")
    command.add_argument("--why", nargs=2, metavar=("GOAL", "WEEK"), help="what one verdict rests on")
    command.set_defaults(call=_goals)

    command = commands.add_parser("day", parents=[study], help="where the numbers of a day come from")
    command.add_argument("participant")
    command.add_argument("date", type=_date)
    command.set_defaults(call=_day)

    command = commands.add_parser("status", parents=[study], help="files, last run, what needs a person")
    command.set_defaults(call=_status)

    command = commands.add_parser("identify", help="which reader would take each file, and what it would yield")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.add_argument("--timezone", default="UTC", help="where the person was, for files that do not say")
    command.add_argument("--json", action="store_true", help="print for machines")
    command.set_defaults(call=_identify)

    command = commands.add_parser("query", parents=[study], help="SQL on the published database, read-only")
    command.add_argument("sql", nargs="?", metavar="SQL")
    command.set_defaults(call=_query)
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-03-09") from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-03-09T02:00") from None


# Runs ---------------------------------------------------------------------------------------------------------------


def _nightly(arguments: argparse.Namespace) -> int:
    from flows.road import Scope

    return _walk(arguments, Scope("nightly", as_of=arguments.as_of))


def _backfill(arguments: argparse.Namespace) -> int:
    from connectors import connectors
    from flows.road import Scope, plan
    from models.study import StudyError

    if unknown := set(arguments.connector) - set(connectors()):
        raise StudyError(f"--connector: no reader called {min(unknown)}; there are {', '.join(connectors())}")
    scope = Scope(
        "backfill", arguments.as_of, arguments.participant, frozenset(arguments.connector), arguments.since,
        arguments.until, arguments.reload, arguments.rebuild,
    )  # fmt: skip
    if arguments.known_by:
        return _replay(arguments)
    if arguments.plan:
        waiting = plan(arguments.study, scope)
        rows = [(who, files, size) for who, (files, size) in sorted(waiting.items())]
        _show(["participant_id", "files", "bytes"], rows, arguments.json, "Would be read")
        return CLEAN
    return _walk(arguments, scope)


def _replay(arguments: argparse.Namespace) -> int:
    """The verdicts with what was known then: on a copy, nothing is kept."""
    from models.store_replay import replay
    from models.study import read_study

    study = read_study(arguments.study)
    as_of = arguments.as_of or study.settings.as_of or datetime.now(ZoneInfo(study.timezone)).date()
    then = replay(study, as_of, arguments.known_by, _GOALS, {"who": arguments.participant, "infusion": None})
    _verdict_table(then.columns, then.rows, arguments.json)
    return CLEAN


def _walk(arguments: argparse.Namespace, scope: Any) -> int:
    from flows.road import begin, walk

    run = begin(arguments.study, scope, tell=lambda line: print(line, file=sys.stderr))
    if arguments.no_engine:
        walk(run)
    else:
        from flows.nightly import walk_on_engine

        walk_on_engine(run)
    summary = {
        "study": run.study.name, "as_of": str(run.as_of), "files_found": run.found, **run.files,
        "rejections_standing": run.standing, "days_resolved": run.days, "verdicts_changed": run.changes,
        "published": str(run.published), "faults": [str(fault) for fault in run.new_faults],
    }  # fmt: skip
    if arguments.json:
        print(json.dumps(summary, indent=2))
        return CLEAN if run.is_clean else REJECTED
    f = run.files
    news = f"{f['loaded']} loaded, {f['duplicate']} duplicate, {f['ignored']} ignored, {f['rejected']} rejected"
    print(f"{run.study.name}, as of {run.as_of}")
    print(f"  inbox      {run.found} files; new: {news}")
    print(f"  days       {run.days} resolved")
    print(f"  verdicts   {run.changes} changed")
    print(f"  published  {os.path.relpath(run.published) if run.published else ''}")
    if run.standing:
        print(f"  {run.standing} rejections stand from before: `stepwindow status` names them")
    _verdicts(arguments, None, None, run.study.warehouse)
    for fault in run.new_faults:
        print(f"not used: {fault}", file=sys.stderr)
    return CLEAN if run.is_clean else REJECTED


# Tables -------------------------------------------------------------------------------------------------------------


def _goals(arguments: argparse.Namespace) -> int:
    if arguments.why:
        return _why(arguments)
    return _verdicts(arguments, arguments.participant, arguments.infusion, None, arguments.as_of)


def _verdicts(
    arguments: argparse.Namespace,
    who: str | None,
    infusion: str | None,
    warehouse: Path | None,
    as_of: date | None = None,
) -> int:
    from models.store_read import query_published, verdicts_as_of
    from models.study import read_study

    warehouse = warehouse or read_study(arguments.study).warehouse
    parameters = {"who": who, "infusion": infusion}
    if as_of:
        columns, rows = verdicts_as_of(warehouse, as_of, _GOALS, parameters)
    else:
        columns, rows = query_published(warehouse, _GOALS, parameters)
    _verdict_table(columns, rows, arguments.json)
    return CLEAN


def _why(arguments: argparse.Namespace) -> int:
    from flows.why import explain, show
    from models.control_files import StudyError
    from models.study import read_study

    goal, week = arguments.why
    if not week.isdigit():
        raise StudyError(f"--why {goal} {week}: the week is a number, such as --why {goal} 1")
    told = explain(read_study(arguments.study).warehouse, goal, int(week), arguments.infusion)
    if arguments.json:
        print(json.dumps(told, default=str, indent=2))
    else:
        show(told)
    return CLEAN


def _verdict_table(columns: list[str], rows: list[tuple], as_json: bool) -> None:
    if as_json:
        _show(columns, rows, True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("person", "infusion", "goal", "wk", "from", "verdict", "", "seen", "of", "%", "days"):
        table.add_column(name, justify="right" if name in ("wk", "seen", "of", "%", "days") else "left")
    style = {"met": "green", "partly_met": "yellow", "missed": "red"}
    for row in rows:
        r = dict(zip(columns, row, strict=True))
        basis = "~" if r["basis"] == "estimated" else ""
        days = "" if r["valid_days"] is None else f"{r['valid_days']}/{r['eligible_days']}"
        table.add_row(
            r["participant_id"], r["infusion_id"], r["goal_id"], str(r["week"]), str(r["week_start"]), r["status"],
            r["reason"] or "", basis + _number(r["value"]), _number(r["target_effective"]), _number(r["percent"]), days,
            style=style.get(r["status"]),
        )  # fmt: skip
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    if rows:
        console.print("~ estimated: mean of the valid days times the eligible days. days: valid/eligible.", style="dim")


def _number(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _day(arguments: argparse.Namespace) -> int:
    from flows.day import explain, show
    from models.store import StoreError
    from models.study import read_study

    found = explain(read_study(arguments.study).warehouse, arguments.participant, arguments.date)
    if not found["day"]:
        who = f"{arguments.participant}, {arguments.date}"
        raise StoreError(f"{who}: nothing is known of that day; `stepwindow status` shows what is")
    if arguments.json:
        print(json.dumps(found, default=str, indent=2))
    else:
        show(found)
    return CLEAN


_STATUS = {
    "Last run": """
        SELECT command, as_of, ended_at, outcome, files_loaded, files_rejected
        FROM run ORDER BY started_at DESC LIMIT 1""",
    "Not used": "SELECT participant_id, path, place, reason, what_to_do FROM rejection ORDER BY ALL",
    "The same file in two people's folders": """
        SELECT left(sha256, 12) AS content, string_agg(DISTINCT participant_id, ', ' ORDER BY participant_id) AS folders
        FROM source_file WHERE status = 'loaded'
        GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1 ORDER BY ALL""",
    "Files": """
        SELECT participant_id, count(*) FILTER (status = 'loaded') AS loaded,
               count(*) FILTER (status = 'duplicate') AS duplicate, count(*) FILTER (status = 'rejected') AS rejected,
               count(*) FILTER (status = 'ignored') AS ignored, max(covers_to) AS data_until
        FROM source_file GROUP BY ALL ORDER BY ALL""",
    "New in the exports": """
        SELECT participant_id, path, note FROM source_file WHERE status = 'loaded' AND note <> '' ORDER BY ALL""",
    "Activities counted as other": """
        SELECT d.source, vendor_activity, count(*) AS sessions FROM session s JOIN device d USING (device_id)
        WHERE activity = 'other' GROUP BY ALL ORDER BY ALL""",
}


def _status(arguments: argparse.Namespace) -> int:
    from models.store_read import query_store
    from models.study import read_study

    warehouse = read_study(arguments.study).warehouse
    found = {title: query_store(warehouse, sql) for title, sql in _STATUS.items()}
    if arguments.json:
        plain = {title: [dict(zip(names, row, strict=True)) for row in rows] for title, (names, rows) in found.items()}
        print(json.dumps(plain, default=str, indent=2))
        return CLEAN
    for title, (columns, rows) in found.items():
        if rows:
            _show(columns, rows, False, title)
    return CLEAN


def _query(arguments: argparse.Namespace) -> int:
    from models.store_publish import NAME
    from models.store_read import query_published
    from models.study import read_study

    warehouse = read_study(arguments.study).warehouse
    if not arguments.sql:
        path = warehouse / NAME
        print(f"The published database is {path}. It is never locked by a run. To open it:")
        print(f"  DuckDB CLI   duckdb -readonly '{path}'")
        print(f"  Python       import duckdb; con = duckdb.connect('{path}', read_only=True)")
        print(f'  R            con <- DBI::dbConnect(duckdb::duckdb("{path}", read_only = TRUE))')
        return CLEAN
    columns, rows = query_published(warehouse, arguments.sql)
    _show(columns, rows, arguments.json)
    return CLEAN


def _identify(arguments: argparse.Namespace) -> int:
    from flows.inbox import look_at

    found = [entry for file in arguments.files for entry in look_at(file, arguments.timezone)]
    if arguments.json:
        print(json.dumps(found, default=str, indent=2))
    else:
        columns = ["file", "connector", "sessions", "minutes", "daily_totals", "covers_from", "covers_to", "reason"]
        _show(columns, [tuple(entry[name] for name in columns) for entry in found], False)
    return REJECTED if any(entry["rejected"] for entry in found) else CLEAN


def _show(columns: list[str], rows: list[tuple], as_json: bool, title: str | None = None) -> None:
    if as_json:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    sys.exit(main())
