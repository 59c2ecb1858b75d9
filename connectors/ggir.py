"""GGIR: the days of a study-issued accelerometer, as the R package GGIR sums them up.

What it is called: in the folder `results`: `part5_daysummary_MM_L40M100V400_T5A5.csv` (minutes by intensity),
`part2_daysummary.csv` (minutes above one threshold), `part2_dayeventsummary.csv` (steps). Comma or semicolon, decimal
point or comma.

Where to find it: GGIR writes them for everybody of a study. A file for each person is needed: the rows of one `ID`.

Cannot tell: minutes of the clock, so nothing of cadence or walking; sessions; wear (a day with steps is judged by
R4.5 as one without a sign of wear, one without them is a lower bound). What is moderate is what the cut-points say, in
mg of acceleration: those of part 5 stand in the file's name alone, those of part 2 in the names of columns. Of several
sets the study's is read, `cut_points` in study.toml (R2.14). Time in which it was not worn GGIR fills in from other
days: a day with less than 16 hours of measured data (part 5: with more than a third of the waking day not worn, too),
GGIR's own limits, is left out. Minutes in bouts are part of the total and not read; so are the windows from waking to
waking (WW), from sleep to sleep (OO) and segments of days, which are no dates. All of it is known from its maker's
documentation (grade B).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from connectors import Context
from connectors.kit.csv import Layout, fault, header, read, text
from connectors.kit.export import Export
from connectors.kit.families import Families, family_of
from connectors.kit.local_numbers import decimal_of, with_numbers, with_times
from connectors.kit.metrics import by_method
from connectors.kit.rows import totals
from connectors.kit.words import listed
from models.activity import DAY_MS, MOST_STEPS, Extract
from models.fault import Rejected
from models.taxonomy import CUT_POINTS_FORM

VERSION = 2
EXPORT = "report"
LOOKS_FOR = ("calendar_date", "n valid hours", "window_number", "stepsperday", "threshold_mod_spm", "/part")
SOURCES = {"ggir": "study"}
METRICS = by_method(device="steps moderate vigorous mvpa")
READS_CUT_POINTS = True

_ID, _DATE, _VALID, _STEPS = "ID", "calendar_date", "N valid hours", "tot_step_count_0-24hr"
_LIGHT, _MODERATE, _VIGOROUS = (f"dur_day_total_{level}_min" for level in ("LIG", "MOD", "VIG"))
_NOT_WORN, _NOT_WORN_OF_ALL, _LENGTH = "nonwear_perc_day", "nonwear_perc_day_spt", "dur_day_spt_min"
_WINDOW = "window"
_FAMILIES: Families = {
    "part 5": ((_DATE, _WINDOW, _MODERATE, _VIGOROUS, _NOT_WORN), "part5_daysummary"),
    "part 2": ((_DATE, _VALID, "N hours", "measurementday"), "part2_day"),
    "stepmetrics": (("stepsperday", "threshold_MOD_spm", "threshold_VIG_spm"), ".*_daysum"),
}
_LEAST_HOURS, _MOST_NOT_WORN = 16, 100 / 3  # GGIR's own limits for a day that it reports
_DAY_MIN = DAY_MS // 60_000
_REMEDY = "hand over GGIR's results as it wrote them"
_SETTING = "hand over the file of the study's cut-points, or set cut_points in study.toml to those that were agreed"


def identify(export: Export) -> bool:
    """Whether it has the columns of one of the summaries of days, if need be but for one."""
    return _family(export) is not None


def _family(export: Export) -> str | None:
    return family_of(header(export), export.basename, _FAMILIES)


def companion(export: Export) -> str | None:
    """Why what else lies in the folder of the results holds nothing for us."""
    if re.fullmatch(r"part(2_summary|3_|[4-6]_(night|person)?summary|6_).*\.csv", export.basename.casefold()):
        return "GGIR's summaries of persons or nights: the days are in its part 5 and part 2 files"
    return None


def extract(export: Export, context: Context) -> Extract:
    """One daily total a row that was measured long enough. Raises Rejected."""
    family = _family(export)
    if family == "stepmetrics":
        remedy = "hand over the steps that it was made of: ActiLife's DataTable, or GGIR's part2_dayeventsummary.csv"
        raise Rejected("whole file", "stepmetrics' summary of days", "a file that says how long it was worn", remedy)
    if family == "part 5":
        return _part5(export, context)
    if any(re.match("tot_step_count|mn_cad|dur_cad", name) for name in header(export)):
        return _part2(export, context, {"steps": _STEPS}, [])
    column = _minutes_above(export, context)
    return _part2(export, context, {"mvpa_ms": column}, [f"MVPA by the cut-points {context.cut_points}"])


def _part5(export: Export, context: Context) -> Extract:
    """Light (where it stands), moderate and vigorous time of the windows from midnight to midnight."""
    found = re.search(rf"_({CUT_POINTS_FORM})(?!\d)", export.basename, re.ASCII)
    if found is None:
        remedy = "hand it over under the name that GGIR gave it: what moderate means stands there alone"
        raise Rejected("name of the file", "no cut-points", "a name with cut-points like L40M100V400", remedy)
    if _thresholds(found[1]) != _thresholds(context.cut_points):
        raise Rejected("name of the file", "other cut-points than the study's", "the study's", _SETTING, found[1])
    columns = {"light_ms": _LIGHT} if _LIGHT.casefold() in header(export) else {}
    columns |= {"moderate_ms": _MODERATE, "vigorous_ms": _VIGOROUS}
    figures = dict.fromkeys(columns.values(), _DAY_MIN) | {_NOT_WORN: 100, _NOT_WORN_OF_ALL: 100, _LENGTH: 3000}
    frame, notes = _rows(export, context, figures, (_WINDOW,))
    if (other := frame.filter(pl.col(_WINDOW).str.to_uppercase().ne_missing("MM"))).height:
        remedy = "hand over the file with MM in its name: GGIR writes it unless timewindow leaves it out"
        raise fault(int(other["line"][0]), _WINDOW, "a window that is no date", "midnight to midnight (MM)", remedy)
    hours = pl.col(_LENGTH) / 60 * (1 - pl.col(_NOT_WORN_OF_ALL) / 100)
    measured = (hours >= _LEAST_HOURS) & (pl.col(_NOT_WORN) <= _MOST_NOT_WORN)
    return _days(frame, measured, columns, context, [*notes, f"moderate and vigorous by the cut-points {found[1]}"])


def _part2(export: Export, context: Context, columns: dict[str, str], remarks: list[str]) -> Extract:
    """The figures of dates in part 2."""
    most = {"steps": MOST_STEPS, "mvpa_ms": _DAY_MIN}
    figures = {name: most[figure] for figure, name in columns.items()} | {_VALID: 25}
    frame, notes = _rows(export, context, figures)
    return _days(frame, pl.col(_VALID) >= _LEAST_HOURS, columns, context, [*notes, *remarks])


def _minutes_above(export: Export, context: Context) -> str:
    """The column of all minutes above the study's threshold, in short epochs and no bouts. Raises Rejected."""
    _, threshold, _ = _thresholds(context.cut_points)
    found = [name for name in header(export) if re.fullmatch(r"mvpa_e\d+s_t[\d.]+_\w+_0-24hr", name)]
    ours = [name for name in found if float(name.split("_t")[1].split("_")[0]) == threshold]
    if not ours:
        column = f"MVPA_E5S_T{threshold:g}_ENMO_0-24hr"
        raise Rejected(f"column {column}", "no such column", "minutes above the study's threshold", _SETTING)
    return min(ours, key=lambda name: ("_enmo_" not in name, name))


def _thresholds(cut_points: str) -> tuple[float, ...]:
    return tuple(map(float, re.findall(r"[\d.]+", cut_points)))


def _rows(
    export: Export, context: Context, figures: Mapping[str, float], words: tuple[str, ...] = ()
) -> tuple[pl.DataFrame, list[str]]:
    """The rows of one person, with their figures and local times. Raises Rejected."""
    needed = dict.fromkeys((_ID, _DATE, *words, *figures), text())
    frame, notes = read(export, Layout(needed, {}, listed("ggir", "unused"), _REMEDY))
    if frame[_ID].n_unique() > 1:
        remedy = "make a file of the rows of each ID and put it in that person's folder"
        raise Rejected("column ID", "rows of several people", "one person", remedy)
    frame = frame.with_columns(pl.when(pl.col(name).is_in(["NA", "NaN"])).then(None).otherwise(pl.col(name)).alias(name)
                               for name in figures)  # fmt: skip
    decimal = decimal_of(frame.select(list(figures)))
    for name, most in figures.items():
        frame = with_numbers(frame, name, decimal, most)
    return with_times(frame, [_DATE], context.today), notes


def _days(
    frame: pl.DataFrame, measured: pl.Expr, columns: dict[str, str], context: Context, notes: list[str]
) -> Extract:
    """Canonical totals of the rows that were measured long enough. Raises Rejected for two of one date."""
    good = frame.filter(measured)
    if good.height < frame.height:
        left = frame.height - good.height
        notes.append(f"{left} days with too little measured data: left out, GGIR fills such time in from other days")
    in_ms = {figure: 60_000 if figure.endswith("_ms") else 1 for figure in columns}
    figures = [(pl.col(name) * in_ms[figure]).round().alias(figure) for figure, name in columns.items()]
    days = good.select("line", *figures, local_date=pl.col(_DATE).dt.date())
    days = days.unique(["local_date", *columns], maintain_order=True)
    if (twice := days.filter(pl.col("local_date").is_duplicated())).height:
        raise fault(int(twice["line"][1]), _DATE, "a second row of that date", "one row a date", _REMEDY)
    days = days.filter(pl.any_horizontal(pl.col(list(columns)).is_not_null()))
    is_over = bool((days["local_date"] < context.today).all())
    rows = totals(days, "ggir")
    return Extract(daily_totals=rows, tz_source=context.zones.source, notes=notes, days_are_over=is_over)
