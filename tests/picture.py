"""The picture of the README: five weeks of one person of the sample study. `python -m tests.picture` draws it.

Bars are days with their steps, hollow where too little was seen, absent where nothing was; a line an infusion; over
each week the goal and its verdict.
"""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from flows.report.words import VERDICTS
from tests.studies import StudyFolder, sample_after_two_nights

PICTURE = Path(__file__).parents[1] / "docs/picture.svg"
WHO, GOAL = "P02", "P02-steps"
WIDTH, HEIGHT, LEFT, TOP, DAY = 860, 300, 50, 74, 21
MOST = 9000  # steps at the upper edge
COLOURS = {"met": "#1b7a4b", "partly_met": "#b26a00", "insufficient_data": "#5c6670", "in_progress": "#2b5fa8"}
_FONT = 'font-family="system-ui, sans-serif"'


def picture(study: StudyFolder) -> str:
    """The picture as SVG, from what the study published."""
    days = study.ask(
        f"SELECT local_date, steps, day_state, phase FROM person_day WHERE participant_id = '{WHO}' "
        f"AND local_date >= (SELECT min(infused_on) FROM infusion WHERE participant_id = '{WHO}') ORDER BY 1"
    )
    weeks = study.ask(
        f"SELECT week_start, week_end, status, value, target_effective, basis FROM goal_week "
        f"WHERE goal_id = '{GOAL}' AND status NOT IN ('superseded', 'upcoming') ORDER BY 1"
    )
    first = days[0][0]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Five weeks of one person: steps by day, infusions, and the verdict of each week">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 24, f"Goal: {round(weeks[0][4]):,} steps a day in the week after each infusion", 15, weight="600"),
    ]
    for steps in (0, 3000, 6000):
        parts.append(f'<path d="M{LEFT} {_y(steps)}H{WIDTH - 20}" stroke="#d5dade"/>')
        parts.append(_text(LEFT - 6, _y(steps) + 4, f"{steps:,}", 11, anchor="end"))
    parts += [_bar(_x(first, day), steps, state) for day, steps, state, phase in days if steps is not None]
    for day, _, _, phase in days:
        if phase == "infusion_day":
            x = _x(first, day) + DAY / 2
            line = f'd="M{x:g} {TOP}V{_y(0) + 8:g}" stroke-width="2" stroke-dasharray="4 3"'
            parts.append(f'<path {line} stroke="#7a3fa0"/>')
            parts.append(_text(x, _y(0) + 22, "infusion", 11, "#7a3fa0", anchor="middle"))
    parts += [_week(first, *week) for week in weeks]
    key = "filled: a day that counts as seen    hollow: too little was seen, a lower bound    no bar: nobody knows"
    parts += [_text(LEFT, HEIGHT - 14, key, 12), "</svg>"]
    return "\n".join(parts) + "\n"


def _week(first: date, start: date, end: date, status: str, value: Decimal, target: Decimal, basis: str | None) -> str:
    left, right = _x(first, start), _x(first, end) + DAY
    colour = COLOURS[status]
    middle = (left + right) / 2
    seen = "too few days were seen" if value is None else f"{value:,.0f} a day"
    return "\n".join([
        f'<path d="M{left} {_y(float(target))}H{right}" stroke="{colour}" stroke-width="2"/>',
        _text(middle, TOP - 24, VERDICTS[status], 13, colour, weight="600", anchor="middle"),
        _text(middle, TOP - 8, seen + ", estimated" * (basis == "estimated"), 11, colour, anchor="middle"),
    ])  # fmt: skip


def _bar(x: float, steps: int, state: str) -> str:
    height = _y(0) - _y(min(steps, MOST))
    fill = "#8fb8de" if state == "valid" else "none"
    place = f'x="{x + 3:g}" y="{_y(0) - height:g}" width="{DAY - 6}" height="{height:g}"'
    return f'<rect {place} fill="{fill}" stroke="#4c7fb0"/>'


def _text(
    x: float, y: float, words: str, size: int, fill: str = "#2d3338", *, weight: str = "400", anchor: str = "start"
) -> str:
    style = f'font-size="{size}" font-weight="{weight}" fill="{fill}" text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" {_FONT} {style} xml:space="preserve">{escape(words)}</text>'


def _x(first: date, day: date) -> float:
    return LEFT + 6 + (day - first).days * DAY


def _y(steps: float) -> float:
    return TOP + (HEIGHT - TOP - 62) * (1 - steps / MOST)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.write_text(picture(sample_after_two_nights(Path(folder) / "study")))
