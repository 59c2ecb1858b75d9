"""Many sites as one programme: their nights side by side, and one database over what they published.

stepwindow programme init network
stepwindow programme run --programme network
stepwindow programme query --question adherence_by_site_and_week --programme network
stepwindow programme query "FROM programme_site" --programme network
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from flows.commands import CLEAN, REJECTED, of_study, with_json
from flows.commands.query import of_question, print_answer


def arguments(parser: argparse.ArgumentParser) -> None:
    """What of it, and its own options."""
    asked = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def command(name: str, call: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        made = asked.add_parser(name, help=help, description=help[:1].upper() + help[1:])
        made.set_defaults(call=call)
        if name not in ("init", "send"):
            made.add_argument(
                "--programme", type=Path, default=Path(), metavar="DIR", help="its folder (default: this one)"
            )
        with_json(made)
        return made

    new = command("init", _init, "make a folder with a programme.toml that explains itself")
    new.add_argument("folder", type=Path, metavar="DIR", help="a new folder, or an empty one")
    new.add_argument("--name", default="My programme", help="how the programme is called")
    run = command("run", _run, "the nights of all sites; what they publish is put together")
    run.add_argument("--site", metavar="ID", help="only this one")
    run.add_argument("--no-engine", action="store_true", help="without Prefect: for cron on a small machine")
    run.add_argument(
        "--dask", default=os.environ.get("STEPWINDOW_DASK") or None, metavar="ADDRESS",
        help="the nights on the workers of a Dask cluster, such as tcp://host:8786 (default: $STEPWINDOW_DASK)",
    )  # fmt: skip
    command("status", _status, "how each site stands, and what needs a person")
    command("doctor", _doctor, "check the lake, the database and the sites, and say what to do about each finding")
    report = command("report", _report, "write the page over all sites: how each stands, and no person")
    report.add_argument("--out", type=Path, metavar="DIR", help="another folder than report/ of the programme")
    query = command("query", _query, "SQL on the programme's database, read-only; without SQL: what is in it")
    of_question(query)
    sends = command("send", _send, "at a site that has its nights elsewhere: send what is published to an address")
    of_study(sends)
    sends.add_argument(
        "address", metavar="ADDRESS", help="such as s3://bucket/north, which programme.toml names as `study`"
    )
    sends.add_argument("--site", required=True, metavar="ID", help="what programme.toml calls this site")
    sends.add_argument(
        "--share", action="store_true", help='the de-identified form, where programme.toml says send = "share"'
    )
    forget = command("forget", _forget, "withdrawal: at the site, and from all that the lake has or had")
    forget.add_argument("site", metavar="SITE")
    forget.add_argument("participant", metavar="PARTICIPANT")
    forget.add_argument("--yes", action="store_true", help="do not ask")


def call(arguments: argparse.Namespace) -> int:
    """Never called: each command has its own."""
    raise AssertionError


def _init(arguments: argparse.Namespace) -> int:
    from flows.output import print_json, say
    from flows.programme.new import make

    path = make(arguments.folder, arguments.name)
    if arguments.json:
        print_json({"made": str(path)})
    else:
        say(f"made {path}; it explains itself. Next:", "  1. add a [[site]] for each study folder")
        say(f"  2. stepwindow programme run --programme {arguments.folder}")
    return CLEAN


def _run(arguments: argparse.Namespace) -> int:
    from flows.output import print_json
    from flows.programme.answers import show_sites
    from flows.programme.start import run_by_hand
    from models.programme import read_programme

    programme = read_programme(arguments.programme)
    if arguments.site:
        programme.site(arguments.site)
    found = run_by_hand(programme, arguments.site, with_engine=not arguments.no_engine, dask=arguments.dask)
    rows = found.sites.to_dicts()
    if arguments.json:
        files = {"database": str(found.database), "report": str(found.report)}
        print_json({"version": found.version.number, **files, "sites": rows})
    else:
        show_sites(rows)
    return CLEAN if found.is_clean else REJECTED


def _status(arguments: argparse.Namespace) -> int:
    from flows.output import print_json
    from flows.programme.answers import show_sites, sites
    from models.programme import read_programme

    rows = sites(read_programme(arguments.programme))
    print_json(rows) if arguments.json else show_sites(rows)
    return REJECTED if any(row["outcome"] == "failed" or row["reason"] for row in rows) else CLEAN


def _doctor(arguments: argparse.Namespace) -> int:
    from flows.output import print_json
    from flows.programme.doctor import examine

    found = examine(arguments.programme)
    print_json(found.as_json()) if arguments.json else found.show()
    return REJECTED if found.findings else CLEAN


def _report(arguments: argparse.Namespace) -> int:
    from flows.output import print_json, say
    from flows.programme import page
    from flows.programme.answers import sites
    from flows.programme.figures import figures
    from models.programme import read_programme

    programme = read_programme(arguments.programme)
    found = figures(programme, sites(programme))
    path = page.write(programme, found, arguments.out)
    print_json({"report": str(path), **found.as_json()}) if arguments.json else say(os.path.relpath(path))
    return CLEAN


def _query(arguments: argparse.Namespace) -> int:
    from flows.output import print_json
    from flows.programme.answers import ask, database_as_json, show_database
    from models.programme import read_programme
    from models.store.analytics import question

    programme, form = read_programme(arguments.programme), "json" if arguments.json else arguments.format
    asked = question(arguments.question, "programme") if arguments.question else None
    if not (asked or arguments.sql):
        print_json(database_as_json(programme)) if form == "json" else show_database(programme)
        return CLEAN
    print_answer(*ask(programme, asked.sql if asked else arguments.sql), form, asked)
    return CLEAN


def _send(arguments: argparse.Namespace) -> int:
    from flows.output import print_json, say, several
    from flows.programme.sending import send
    from models.fault import StudyError
    from models.study.folder import read_study

    if "://" not in arguments.address:
        raise StudyError(f"{arguments.address}: no address", "such as s3://bucket/north, or file:///mnt/drop/north")
    sent = send(read_study(arguments.study), arguments.address, arguments.site, "share" if arguments.share else "all")
    files = sum(len(parts) for parts in sent.given.parts.values())
    if arguments.json:
        told = {"address": arguments.address, "site": sent.given.site, "send": sent.send, "files": files}
        print_json(told | {"as_of": str(sent.given.as_of), "people": sent.given.people})
    else:
        say(f"{arguments.address}: {several(files, 'file')} of {several(sent.given.people, 'participant')}")
    return CLEAN


def _forget(arguments: argparse.Namespace) -> int:
    from flows.commands.forget import remove
    from models.fault import StudyError
    from models.programme import read_programme

    programme = read_programme(arguments.programme)
    site = programme.site(arguments.site)
    if site.sends:
        what = f"{site.id} has its nights elsewhere"
        raise StudyError(what, f"run `stepwindow forget {arguments.participant}` there: it reaches what was sent")
    folder = programme.folder_of(site)
    return remove(folder, arguments.participant, is_agreed=arguments.yes, as_json=arguments.json)
