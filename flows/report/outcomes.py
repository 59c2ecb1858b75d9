"""Scores of the clinic's scales beside the days: a line per scale, under the charts' own time axis.

They are drawn, never reckoned with: no mean, no trend, nothing between them and movement (R14.4).
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from flows.report import words

Row = dict[str, Any]
_TOP, _ROOM = 7, 30  # pixels above the highest score, and from it down to the lowest


def outcomes(scores: list[Row], stretches: list[Row]) -> Row:
    """The scores, and their drawings for each stretch of days that has some."""
    by_scale = {name: list(group) for name, group in groupby(scores, itemgetter("scale"))}
    parts = []
    for first, last in ((s["first"], s["last"]) for s in stretches):
        drawn = [_drawn(name, of_scale, first, last) for name, of_scale in by_scale.items()]
        if drawn := [line for line in drawn if line["points"]]:
            parts.append({"first": first, "last": last, "scales": drawn})
    return {"scores": scores, "parts": parts}


def _drawn(name: str, scores: list[Row], first: date, last: date) -> Row:
    """Where the scores of one scale lie: across in percent of the days' width, each at its noon, as the charts have it;
    down in pixels, between the lowest and the highest of all its scores."""
    low, high = min(s["score"] for s in scores), max(s["score"] for s in scores)
    days = (last - first + timedelta(days=1)).days
    points = [
        {
            "x": round(100 * ((s["date"] - first).days + 0.5) / days, 2),
            "y": round(_TOP + _ROOM * (float((high - s["score"]) / (high - low)) if high > low else 0.5), 1),
            "words": f"{words.day(s['date'], year=True)}: {words.amount(s['score'])}",
        }
        for s in scores
        if first <= s["date"] <= last
    ]
    return {"name": name, "low": low, "high": high, "points": points, "lines": list(pairwise(points))}
