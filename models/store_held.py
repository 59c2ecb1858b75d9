"""Who is held: somebody for whom a step of a run could not be done. Their last published numbers stand until it can.

A run tries everybody anew, so who is held comes free by itself once the cause is gone. Nobody else is concerned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from models.store import Store, now
from models.store_apart import in_words

# What could not be done for them, by step.
STEPS = {
    "control": "their rows of the control files could not be written down",
    "resolve": "their days could not be resolved",
    "judge": "their weeks could not be judged",
    "publish": "their numbers could not be published",
    "report": "their page of the report could not be written",
}
_REMEDY = (
    "report this: it is a fault of stepwindow, and what was published of them before stands until it is mended; if it "
    "began with a new file of theirs, taking that file out of the inbox and `stepwindow backfill --rebuild` ends it"
)


class Held(NamedTuple):
    """Why somebody is held, in words without anything that a file says."""

    step: str
    reason: str
    what_to_do: str = _REMEDY


def held_by(step: str, failed: Mapping[str, BaseException]) -> dict[str, Held]:
    """Those for whom a step failed."""
    return {who: Held(step, f"{STEPS[step]}: {in_words(error)}") for who, error in failed.items()}


def read(store: Store) -> dict[str, Held]:
    """Who was held when the last run ended."""
    rows = store.rows("SELECT participant_id, step, reason, what_to_do FROM held ORDER BY ALL")
    return {who: Held(*rest) for who, *rest in rows}


def write(store: Store, held: Mapping[str, Held], run_id: str) -> None:
    """Write down who is held now, and that nobody else is."""
    with store.transaction():
        since = dict(store.rows("SELECT participant_id, since FROM held"))
        store.con.execute("DELETE FROM held")
        for who, why in sorted(held.items()):
            row = [who, *why, since.get(who, now()), run_id]
            store.con.execute("INSERT INTO held VALUES (?, ?, ?, ?, ?, ?)", row)


def tried(store: Store, step: str) -> set[str]:
    """Those for whom this step failed the last time: each is tried alone."""
    return {who for who, why in read(store).items() if why.step == step}


def in_counts(held: Mapping[str, Held]) -> str:
    """How many are held, and at which step; nobody is named."""
    at = Counter(STEPS[why.step] for why in held.values())
    return "; ".join(f"{count} held: {what}" for what, count in sorted(at.items()))


def but(everyone: Iterable[str], held: Mapping[str, Held]) -> list[str]:
    """Those who are not held."""
    return [who for who in everyone if who not in held]
