"""What the clinic itself mends or decides: who is held, rows and files that are not used, infusions, clocks, devices.

`names` is what a file or a row of a control file is called where that may be shown; elsewhere a file is called by the
first twelve figures of its SHA-256.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from flows.answers.finding import some
from flows.answers.worklist_item import Item
from flows.report import words

Row = dict[str, Any]
Names = Mapping[str, str]
_SAME_FILE = "take it out of the folder of whom it is not, for it counts for both; the next night follows"
_STATUS = {
    "scheduled": ("over and still scheduled", "set its status in infusions.csv: completed, stopped_early or cancelled"),
    "future": ("given in the future", "correct its date in infusions.csv, or set its status: scheduled"),
}


def items(rows: dict[str, list[Row]], names: Names) -> Iterator[Item]:
    """The items of models/sql/worklist that somebody of the clinic mends."""
    for row in rows["held_person"]:
        what = f"Numbers stand as they were published before: {row['held_reason']}"
        yield Item(row["participant_id"], "held", row["since"], what, row["held_what_to_do"] or "")
    for row in rows["infusion_to_mend"]:
        what, remedy = _STATUS[row["kind"]]
        which = ", ".join(f"{i['infusion_id']} ({words.day(i['infused_on'], year=True)})" for i in row["infusions"])
        yield Item(row["participant_id"], row["kind"], row["since"], f"{what.capitalize()}: {which}", remedy)
    for row in rows["uncleared_goal"]:
        goals = ", ".join(row["goals"])
        remedy = (
            f'ask the care team: "May {row["participant_id"]} do this ({goals})?"; then enter cleared_on in goals.csv'
        )
        yield Item(row["participant_id"], "uncleared", row["since"], f"Not cleared by the care team: {goals}", remedy)
    yield from _not_used(rows["not_used"], names)
    for row in rows["same_file"]:
        files = [names.get(content, f"content {content}") for content in row["contents"]]
        what = f"{words.count(len(files), 'file')} also in another person's folder: {some(files)}"
        yield Item(row["participant_id"], "same_file", row["since"], what, _SAME_FILE)
    for row in rows["wrong_clock"]:
        who, when = row["participant_id"], words.span(row["since"], row["until"])
        what = f"The clock of a device was hours off on {words.count(row['days'], 'day')} ({when}), which are not valid"
        ask = f'ask {who}: "Where were you on {when}, and does your device show the right time?"'
        remedy = f"{ask}; a stay in another time zone is a line of zones.csv"
        yield Item(who, "clock", row["since"], what, remedy)
    for row in rows["another_device"]:
        who = row["participant_id"]
        what = f"{row['source']} in the last 7 days, {row['before']} in the 21 days before"
        ask = f'ask {who}: "Do you wear another device than before, and since when?"'
        yield Item(who, "device_changed", row["since"], what, f"{ask}; the levels of two devices do not compare")


def _not_used(rows: list[Row], names: Names) -> Iterator[Item]:
    """Of a person one item for all of a kind; of nobody one for each thing."""
    theirs: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["participant_id"] is None:
            place = row["place"] or ""
            what = names.get(_key(row), f"{place}{': ' if place else ''}{row['reason']}")
            yield Item(None, row["kind"], row["since"], what, row["what_to_do"] or "")
        else:
            theirs[row["participant_id"], row["kind"]].append(row)
    for (who, kind), found in theirs.items():
        since = min((row["since"] for row in found if row["since"]), default=None)
        yield Item(who, kind, since, *_of_person(who, found, names))


def _of_person(who: str, rows: list[Row], names: Names) -> tuple[str, str]:
    """What is not used, those that look alike together, and what to do about each."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        name = names.get(_key(row)) or names.get(row["content"] or "") or _called(row)
        alike[row["reason"], row["what_to_do"] or ""].append(name)
    what = "; ".join(f"{some(sorted(files))}: {reason}" for (reason, _), files in alike.items())
    return what, "; ".join(dict.fromkeys(remedy for _, remedy in alike if remedy))


def _called(row: Row) -> str:
    return f"content {row['content']}" if row["content"] else row["place"] or "a thing in the folder"


def _key(row: Row) -> str:
    return f"{row['place']}: {row['reason']}"
