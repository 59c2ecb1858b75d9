"""The page of one participant: now, goals, day by day, month by month, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from flows.answers.worklist_item import Item
from flows.report.missing import asks
from flows.report.months import after_infusions, scale, years
from flows.report.now import now
from flows.report.outcomes import outcomes
from flows.report.timeline import CHARTED, stretches
from models.taxonomy import INFUSED

Row = dict[str, Any]


def page(who: str, sections: dict[str, list[Row]], items: list[Item]) -> Row:
    """What the template needs, from the rows of `sections.SECTIONS` of one participant, and their worklist."""
    days = sections["days"]
    followed = [d for d in days if d["is_eligible"]]
    happened = [i for i in sections["infusions"] if i["status"] in INFUSED]
    blocks = after_infusions(sections)
    charted = list(stretches(days, happened, sections["entries"], sections["verdicts"]))
    return {
        "who": who,
        "held": next((row["held_reason"] for row in sections["held"]), None),
        "infusions": sections["infusions"],
        "happened": happened,
        "followed": len(followed),
        "seen": sum(d["day_state"] == "valid" for d in followed),
        "with_data": [d for d in days if d["day_state"] != "no_data"],
        "now": now(sections),
        "changes": sections["changes"],
        "worklist": items,
        "asks": asks(sections, items),
        "has_left": bool(sections["leaving"]),
        "newest": blocks[0] if blocks else None,
        "has_goals": bool(sections["verdicts"]),
        "stretches": charted,
        "outcomes": outcomes(sections["outcomes"], charted),
        "titles": {name: title for name, (_, title) in CHARTED.items()},
        "entries": sections["entries"],
        "years": years(sections, happened, blocks[1:]),
        "scale": scale(days),
        "devices": list(_devices(days)),
        "files": sections["files"],
        "rejections": sections["rejections"],
    }


def _devices(days: list[Row]) -> Iterator[Row]:
    """Which source was believed first, from when to when; days without one do not end a stretch."""
    for source, group in groupby((d for d in days if d["primary_source"]), itemgetter("primary_source")):
        part = list(group)
        yield {"source": source, "first": part[0]["local_date"], "last": part[-1]["local_date"], "days": len(part)}
