"""Scores of the clinic's scales beside the days: a line per scale, under the days' own time axis.

They are drawn, never reckoned with: no mean, no trend, nothing between them and movement (R14.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from flows.report import words

Row = dict[str, Any]
HEIGHT, _EDGE = 44, 7  # pixels of a line's drawing, and what is free above and below it


def scales(scores: list[Row], first: date, last: date) -> list[Row]:
    """Each scale with its scores, and where those from `first` to `last` lie in the drawing: across in percent of the
    days' width, each at its noon, as the charts have it; down in pixels, the highest score on top."""
    return [_scale(name, list(group), first, last) for name, group in groupby(scores, itemgetter("scale"))]


def _scale(name: str, scores: list[Row], first: date, last: date) -> Row:
    low, high = min(s["score"] for s in scores), max(s["score"] for s in scores)
    room = HEIGHT - 2 * _EDGE
    days = (last - first + timedelta(days=1)).days
    points = [
        {
            "x": round(100 * ((s["date"] - first).days + 0.5) / days, 2),
            "y": round(_EDGE + (room * float((high - s["score"]) / (high - low)) if high > low else room / 2), 1),
            "words": f"{words.day(s['date'], year=True)}: {words.amount(s['score'])}",
        }
        for s in scores
        if first <= s["date"] <= last
    ]
    return {"scale": name, "scores": scores, "low": low, "high": high, "points": points, "lines": list(_lines(points))}


def _lines(points: list[Row]) -> Iterator[Row]:
    for one, next_one in zip(points, points[1:], strict=False):
        yield {"x1": one["x"], "y1": one["y"], "x2": next_one["x"], "y2": next_one["y"]}
