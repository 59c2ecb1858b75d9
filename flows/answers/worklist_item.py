"""One thing that somebody has to do, and the kinds of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flows.answers.finding import NOTE, NOW, SOON


@dataclass(frozen=True)
class Item:
    """One thing to do. Of a kind there is one for a person; of what is nobody's (None), one for each thing."""

    participant_id: str | None
    kind: str  # one of KINDS
    since: date | None
    what: str
    what_to_do: str  # whom to ask, and the sentence to send; or what to mend


class Kind(NamedTuple):
    """One sort of items. `words` follow how many there are of it."""

    urgency: str
    words: str


KINDS = {  # most pressing first
    "alarm": Kind(NOW, "about the inbox as a whole"),
    "lost_rows": Kind(NOW, "about a control file that lost rows and is not believed"),
    "held": Kind(NOW, "whose numbers stand as they were before"),
    "control_file": Kind(SOON, "about a row of a control file that is not used"),
    "scheduled": Kind(SOON, "with an infusion that is over and still scheduled"),
    "future": Kind(SOON, "with an infusion given in the future"),
    "silent": Kind(SOON, "of whom nothing has come for longer than the days of grace"),
    "waiting": Kind(SOON, "with a verdict that waits for days"),
    "undecided": Kind(SOON, "with a goal that cannot be decided"),
    "uncleared": Kind(SOON, "with a goal not cleared by the care team"),
    "rejected_file": Kind(SOON, "with a file that could not be used"),
    "inbox": Kind(SOON, "with something in the inbox that is not opened"),
    "unknown_folder": Kind(SOON, "about files of nobody: a folder of an unknown participant"),
    "same_file": Kind(SOON, "with a file that lies in two folders"),
    "clock": Kind(SOON, "with a device whose clock was off"),
    "device_changed": Kind(NOTE, "with another device than before"),
}
