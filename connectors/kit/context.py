"""What a connector is told beside the file."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date

from models.clock import ZoneLog
from models.taxonomy import CUT_POINTS


@dataclass(frozen=True)
class Context:
    """What a connector may know about whose file it reads."""

    zones: ZoneLog  # where the person was
    today: date  # nothing later than tomorrow can have been measured
    secret: bytes  # keys the pseudonyms below; stored outside the database
    dates: str = "iso"  # how the study says that a date like 03/04/2026 is meant (models/study/written.py)
    cut_points: str = CUT_POINTS  # of several files of GGIR, those by these are read

    @property
    def settings(self) -> str:
        """What of the study's settings decides what some readers read."""
        return self.dates if self.cut_points == CUT_POINTS else f"{self.dates} {self.cut_points}"

    def pseudonym(self, *identity: object) -> str:
        """A device's identity (serial number, product) as a keyed digest: the identity itself never leaves."""
        return hmac.new(self.secret, repr(identity).encode(), "sha256").hexdigest()[:24]
