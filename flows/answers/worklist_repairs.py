"""What the clinic mends or decides: who is held, rows and files that are not used, infusions, clocks, devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.answers.finding import some
from flows.answers.worklist_item import Item
from flows.report import words

Row = dict[str, Any]
_LINES = 5  # of one person's things that are not used


@dataclass(frozen=True)
class Names:
    """What things are called where that may be shown, for the store alone knows it: files by the first twelve figures
    of their SHA-256, and each thing that is not used, in one line, by whose it is, content, place and reason."""

    paths: Mapping[str, list[str]] = field(default_factory=dict)
    not_used: Mapping[tuple, list[str]] = field(default_factory=dict)


_SAME_FILE = "take it out of the folder of whom it is not, for it counts for both; the next night follows"
_STATUS = {
    "scheduled": ("over and still scheduled", "set its status in infusions.csv: completed, stopped_early or cancelled"),
    "future": ("given in the future", "correct its date in infusions.csv, or set its status: scheduled"),
}


def items(rows: Mapping[str, list[Row]], names: Names) -> Iterator[Item]:
    """The items of models/sql/worklist that somebody of the clinic mends."""
    for row in rows.get("held_person", ()):
        what = f"Numbers stand as they were published before: {row['held_reason']}"
        yield Item(row["participant_id"], "held", row["since"], what, row["held_what_to_do"] or "")
    for row in rows.get("infusion_to_mend", ()):
        what, remedy = _STATUS[row["kind"]]
        which = ", ".join(f"{i['infusion_id']} ({words.day(i['infused_on'], year=True)})" for i in row["infusions"])
        yield Item(row["participant_id"], row["kind"], row["since"], f"{what.capitalize()}: {which}", remedy)
    for row in rows.get("uncleared_goal", ()):
        goals = ", ".join(row["goals"])
        remedy = (
            f'ask the care team: "May {row["participant_id"]} do this ({goals})?"; then enter cleared_on in goals.csv'
        )
        yield Item(row["participant_id"], "uncleared", row["since"], f"Not cleared by the care team: {goals}", remedy)
    yield from _not_used(rows["not_used"], names)
    for row in rows.get("same_file", ()):
        files = [" = ".join(names.paths.get(content, [f"content {content}"])) for content in row["contents"]]
        what = f"{words.count(len(files), 'file')} also in another person's folder: {some(files)}"
        yield Item(row["participant_id"], "same_file", row["since"], what, _SAME_FILE)
    for row in rows.get("wrong_clock", ()):
        who, when = row["participant_id"], words.span(row["since"], row["until"])
        what = f"The clock of a device was hours off on {words.count(row['days'], 'day')} ({when}), which are not valid"
        ask = f'ask {who}: "Where were you on {when}, and does your device show the right time?"'
        remedy = f"{ask}; a stay in another time zone is a line of zones.csv"
        yield Item(who, "clock", row["since"], what, remedy)
    for row in rows.get("another_device", ()):
        who = row["participant_id"]
        what = f"{row['source']} in the last 7 days, {row['before']} in the 21 days before"
        ask = f'ask {who}: "Do you wear another device than before, and since when?"'
        yield Item(who, "device_changed", row["since"], what, f"{ask}; the levels of two devices do not compare")


def _not_used(rows: list[Row], names: Names) -> Iterator[Item]:
    """Of a person one item for all of a kind; of nobody one for each thing."""
    theirs: dict[tuple[str, str], list[Row]] = defaultdict(list)
    called = {key: iter(lines) for key, lines in names.not_used.items()}  # several may be published alike
    for row in rows:
        key = (row["participant_id"], row["content"], row["place"], row["reason"])
        row["what"] = next(called.get(key, iter(())), None) or _as_published(row)
        if row["participant_id"] is None:
            yield Item(None, row["kind"], row["since"], row["what"], row["what_to_do"] or "")
        else:
            theirs[row["participant_id"], row["kind"]].append(row)
    for (who, kind), found in theirs.items():
        since = min((row["since"] for row in found if row["since"]), default=None)
        remedy = _first(list(dict.fromkeys(row["what_to_do"] for row in found if row["what_to_do"])))
        yield Item(who, kind, since, _first(list(_of_person(found, names))), remedy)


def _of_person(rows: list[Row], names: Names) -> Iterator[str]:
    """Each for itself, but five files or more that look alike together."""
    alike: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        alike[row["content"] is None, row["place"], row["reason"]].append(row)
    for (is_nameless, _, reason), same in alike.items():
        if is_nameless or len(same) < 5:
            yield from (row["what"] for row in same)
        else:
            files = sorted(next(iter(names.paths.get(row["content"], ())), f"file {row['content']}") for row in same)
            yield f"{len(same):,} files, {reason}: {some(files)}"


def _first(lines: list[str]) -> str:
    more = f"; and {len(lines) - _LINES:,} more: `stepwindow status --all` has each" if len(lines) > _LINES else ""
    return "; ".join(lines[:_LINES]) + more


def _as_published(row: Row) -> str:
    if row["content"] is None:
        return ": ".join(filter(None, (row["place"], row["reason"])))
    reader = row["connector"] or "no reader knows it"
    return f"file {row['content']} ({reader}) could not be used: {row['reason']}"
