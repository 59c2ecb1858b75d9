"""One thing that somebody has to do, and the kinds of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flows.answers.finding import NOTE, NOW, SOON, Finding


@dataclass(frozen=True)
class Item:
    """One thing to do. Of a kind there is one for a person; of what is nobody's (None), one for each thing."""

    participant_id: str | None
    kind: str  # one of KINDS
    since: date | None
    what: str
    what_to_do: str  # whom to ask, and the sentence to send; or what to mend
    days: tuple[date, ...] = ()  # those that are asked for, of an export or a diary

    @property
    def finding(self) -> Finding:
        """As one of the findings of `status`."""
        what = f"{self.participant_id}: {self.what}" if self.participant_id else self.what
        return Finding(KINDS[self.kind].urgency, self.kind, what, self.what_to_do, self.participant_id)


COLUMNS = ["participant_id", "kind", "since", "what", "what_to_do"]  # for machines and spreadsheets


class Kind(NamedTuple):
    """One sort of items. `words` follow how many there are of it, `beside` stands beside a person."""

    urgency: str
    words: str
    beside: str


KINDS = {  # most pressing first
    "alarm": Kind(NOW, "about the inbox as a whole", "the inbox as a whole"),
    "lost_rows": Kind(NOW, "about a control file that lost rows and is not believed", "a control file lost rows"),
    "held": Kind(NOW, "whose numbers stand as they were before", "numbers as they were before"),
    "control_file": Kind(SOON, "about a row of a control file that is not used", "a row is not used"),
    "scheduled": Kind(SOON, "with an infusion that is over and still scheduled", "an infusion still scheduled"),
    "future": Kind(SOON, "with an infusion given in the future", "an infusion in the future"),
    "silent": Kind(SOON, "of whom nothing has come for longer than the days of grace", "silent"),
    "waiting": Kind(SOON, "with a verdict that waits for days", "days due"),
    "undecided": Kind(SOON, "with a goal that cannot be decided", "a goal cannot be decided"),
    "uncleared": Kind(SOON, "with a goal not cleared by the care team", "a goal is not cleared"),
    "rejected_file": Kind(SOON, "with a file that could not be used", "a file not usable"),
    "inbox": Kind(SOON, "with something in the inbox that is not opened", "a thing in the inbox not opened"),
    "unknown_folder": Kind(SOON, "about files of nobody: a folder of an unknown participant", "a folder of nobody"),
    "same_file": Kind(SOON, "with a file that lies in two folders", "a file in two folders"),
    "clock": Kind(SOON, "with a device whose clock was off", "a clock that was off"),
    "device_changed": Kind(NOTE, "with another device than before", "another device"),
}
