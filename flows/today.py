"""Which date it is for a study. Nothing else asks the clock for a date."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from models.study.folder import Study


def today(study: Study) -> date:
    """The date by the machine's clock, where the clinic is."""
    return datetime.now(ZoneInfo(study.timezone)).date()


def as_of(study: Study) -> date:
    """The date as of which a study is looked at: the one that study.toml names, or today."""
    return study.settings.as_of or today(study)
