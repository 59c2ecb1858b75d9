"""What draws the charts of the report, made here so that no night has to: `python -m tests.charts` writes it.

The charts are Vega-Lite. A page brings only its numbers; what draws them lies beside the pages, for all. Altair checks
the specifications, vl-convert has Vega: who runs the product needs neither.

Days are drawn by state: seen, solid; partly seen, an outline (at least this much); no data, a grey column with a cross,
and no bar: missing never looks low. The same shapes stand in the row under the bars, so that nothing rests on colour.
"""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import vl_convert

from flows.report import words
from flows.report.site import SCRIPTS

# Names of the palette in report.css: the charts follow it into the dark and onto paper.
INK, SOFT, LINE, SEEN, GAP, PAPER = (f"var(--{name})" for name in ("ink", "soft", "line", "seen", "gap", "paper"))
STATE_SHAPES = {
    "valid": "square", "insufficient_wear": "circle", "implausible": "triangle-up",
    "no_data": "M-.7-.7L.7.7M.7-.7L-.7.7",
}  # fmt: skip
GOAL_DASHES = {0: [1, 0], 1: [6, 3], 2: [2, 2]}  # of three goals in one chart; participant.css has the same
_PALE = alt.value(0.4)


def scripts() -> dict[str, str]:
    """The made files of flows/report/scripts by name, as they have to be."""
    charts = {
        "movement": _days("movement", 150),
        **{name: _days(name, 110) for name in ("steps", "walking", "moderate")},
        "entries": _entries(),
    }
    notices = (SCRIPTS / "LICENSES.txt").read_text(encoding="utf-8")  # in the script: a report is handed on without us
    return {
        "charts.js": f"const CHARTS = {json.dumps(charts, sort_keys=True)};\n",
        "vega.js": f"/*!\n{notices}*/\n{vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;')}\n",
    }


def _days(field: str, height: int) -> dict[str, Any]:
    """Bars by day. Data sets: days (date, the field, state, pale, words), gaps, infusions, weeks, holds, goals.

    Context, which is never judged, is pale.
    """
    dated = alt.NamedData("days")
    axis = alt.Axis(title=None, tickCount=3)
    scale = alt.Scale(domainMin=0, domainMax=alt.ExprRef(f"{field}_top"))
    y = alt.Y(f"{field}:Q", axis=axis, scale=scale)
    bars = _of_day(alt.Chart(dated)).encode(
        _x(below=20), alt.X2("until"), y, alt.Y2(datum=0), opacity=alt.condition("datum.pale", _PALE, alt.value(1))
    )
    goal = (
        alt.Chart(alt.NamedData("goals"))
        .transform_filter(f"datum.chart == '{field}'")
        .mark_rule(color=INK, strokeWidth=1.5)
        .encode(
            _x(below=20),
            alt.X2("until"),
            y=alt.Y("value:Q", axis=axis, scale=scale),
            strokeDash=alt.StrokeDash("dash:N", scale=_scale(GOAL_DASHES), legend=None),
        )
    )
    gaps = alt.Chart(alt.NamedData("gaps")).mark_rect(color=GAP)
    row = (
        _of_day(alt.Chart(dated))
        .mark_point(strokeWidth=1)
        .encode(
            x=_x("noon", below=20),
            y=alt.value(height + 10),
            shape=alt.Shape("state:N", scale=_scale(STATE_SHAPES), legend=None),
            size=alt.condition("datum.state == 'valid'", alt.value(8), alt.value(26)),
            fill=alt.condition("datum.state == 'valid'", alt.value(SOFT), alt.value(PAPER)),
            stroke=alt.value(SOFT),
        )
    )
    layers = [
        gaps.encode(_x(below=20), alt.X2("until")),
        *_calendar(height),
        bars.transform_filter("datum.state == 'valid'").mark_rect(color=SEEN, xOffset=0.8, x2Offset=-0.8),
        bars.transform_filter("datum.state == 'insufficient_wear'").mark_rect(
            fill=PAPER, stroke=SEEN, strokeWidth=1, xOffset=1.2, x2Offset=-1.2
        ),
        goal,
        row,
        _hover(_of_day(alt.Chart(dated)), height),
    ]
    return _finish(alt.layer(*layers).properties(height=height), "first", "last", f"{field}_top")


def _calendar(height: int) -> list[Any]:
    """Infusions, the weeks after them, excused days: what all charts over days have in common."""
    weeks = alt.Chart(alt.NamedData("weeks"))
    infusions = alt.Chart(alt.NamedData("infusions")).transform_calculate(noon="toDate(datum.date) + 43200000")
    holds = _of_day(alt.Chart(alt.NamedData("holds")))
    return [
        weeks.mark_rule(color=LINE).encode(x=_x("date", below=20)),
        weeks.mark_text(align="left", dx=3, color=SOFT, fontSize=10).encode(
            x=_x("date", below=20), y=alt.value(-5), text="label:N"
        ),
        holds.mark_rect(fill=PAPER, stroke=SOFT, strokeDash=[2, 2]).encode(
            x=_x(below=20), x2="until", y=alt.value(1), y2=alt.value(6)
        ),
        infusions.mark_rule(color=INK, strokeWidth=1.25).encode(
            x=_x("noon", below=20), y=alt.value(-14), y2=alt.value(height)
        ),
        infusions.mark_point(shape="triangle-down", filled=True, color=INK, size=52, opacity=1).encode(
            x=_x("noon", below=20), y=alt.value(-15)
        ),
    ]


def _entries() -> dict[str, Any]:
    """What was recorded or written down, a row per activity. Data sets: entries, infusions."""
    y = alt.Y("activity:N", sort=None, axis=alt.Axis(title=None, grid=True, ticks=False, domain=False))
    entries = _of_day(alt.Chart(alt.NamedData("entries")))
    marks = entries.mark_point(filled=True, color=SEEN, opacity=0.9).encode(
        _x("noon"),
        y,
        alt.Size("minutes:Q", scale=alt.Scale(domain=[0, 60], range=[14, 150], clamp=True), legend=None),
        alt.Shape(
            "how:N",
            scale=_scale({"by a device": "circle", "in the diary": "diamond", "by the clinic": "square"}),
            legend=None,
        ),
        tooltip=_tooltip("Date", "Activity", "Minutes", "Recorded"),
    )
    infusions = alt.Chart(alt.NamedData("infusions")).transform_calculate(noon="toDate(datum.date) + 43200000")
    rule = infusions.mark_rule(color=INK, strokeWidth=1.25).encode(x=_x("noon"))
    return _finish(alt.layer(rule, marks).properties(height=alt.Step(24)), "first", "last", top=8)


# The year below the first date, and below the first of another year.
_WITH_YEAR = (
    "datum.index == 0 || utcmonth(datum.value) == 0 && utcdate(datum.value) <= 7"
    " ? [utcFormat(datum.value, '%-d %b'), utcFormat(datum.value, '%Y')] : utcFormat(datum.value, '%-d %b')"
)
_LEFT = 64  # pixels kept for the axis, the same in all charts, so that their days stand above each other


def _x(field: str = "date", below: int = 0) -> Any:
    axis = alt.Axis(
        title=None,
        labelExpr=_WITH_YEAR,
        grid=False,
        offset=below,
        labelFlush=True,
        labelOverlap=True,
        labelLineHeight=13,
    )
    scale = alt.Scale(
        type="utc", domainMin=alt.ExprRef("toDate(first)"), domainMax=alt.ExprRef("toDate(last) + 86400000")
    )
    return alt.X(f"{field}:T", axis=axis, scale=scale)


def _of_day(chart: Any) -> Any:
    """Dates have no zone: they are drawn in UTC everywhere, from midnight to midnight."""
    return chart.transform_calculate(until="toDate(datum.date) + 86400000", noon="toDate(datum.date) + 43200000")


def _hover(chart: Any, height: int) -> Any:
    """An unseen column over each day, so that a missing day answers too."""
    chart = chart.transform_calculate(
        Date="utcFormat(toDate(datum.date), '%-d %b %Y')", State=f"{json.dumps(words.STATES)}[datum.state]"
    )
    return chart.mark_rect(color=INK, fillOpacity=0).encode(
        x=_x(below=20), x2="until", y=alt.value(-16), y2=alt.value(height + 18),
        tooltip=_tooltip("Date", "Day", "State", "Movement", "Steps", "Worn", "Source"),
    )  # fmt: skip


def _tooltip(*names: str) -> list[Any]:
    return [alt.Tooltip(f"{name}:N") for name in names]


def _scale(by_name: dict[Any, Any]) -> Any:
    return alt.Scale(domain=list(by_name), range=list(by_name.values()))


def _finish(chart: Any, *params: str, top: int = 22) -> dict[str, Any]:
    """As wide as the page; `params` are what a page gives beside its data sets."""
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
    axis = {"domainColor": LINE, "tickColor": LINE, "gridColor": LINE, "labelColor": SOFT,
            "labelFontSize": 11}  # fmt: skip
    side = {"minExtent": _LEFT, "maxExtent": _LEFT, "domain": False, "ticks": False, "labelPadding": 6}
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    padding = {"top": top, "left": 2, "right": 8, "bottom": 2}
    made = chart.properties(width="container", autosize=fit, padding=padding).configure(
        font=font, background="transparent", aria=False, view={"stroke": None}, axis=axis, axisY=side
    )
    if params:
        made = made.add_params(*(alt.param(name=name, value=0) for name in params))
    spec = made.to_dict()
    del spec["$schema"]  # an address on the network, of no use here
    return spec


if __name__ == "__main__":
    for name, text in scripts().items():
        (SCRIPTS / name).write_text(text, encoding="utf-8")
