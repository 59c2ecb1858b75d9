"""Writes the days of a person as GGIR sums them up: parts 2 and 5 of its results."""

from __future__ import annotations

from collections.abc import Callable, Iterable

FILE = "P01_left_wrist.cwa.RData"
PART5 = (
    "ID,filename,weekday,calendar_date,window_number,window,GGIRversion,sleeponset_ts,wakeup_ts,daysleeper,cleaningcode,"
    "nonwear_perc_day,nonwear_perc_spt,nonwear_perc_day_spt,dur_spt_min,dur_day_min,dur_day_spt_min,"
    "dur_day_total_IN_min,dur_day_total_LIG_min,dur_day_total_MOD_min,dur_day_total_VIG_min,dur_day_MVPA_bts_10_min,"
    "dur_day_MVPA_unbt_min,ACC_day_mg,boutcriter.in,boutdur.mvpa"
)
EVENTS = (
    'ID,filename,calendar_date,bodylocation,"N valid hours","N hours",weekday,measurementday,"tot_step_count_0-24hr",'
    '"mn_cad_0-24hr","dur_cad100-120spm_0-24hr","dur_cad120-Infspm_0-24hr"'
)
DAYS = (
    'ID,filename,calendar_date,bodylocation,"N valid hours","N hours",weekday,measurementday,"mean_ENMO_mg_0-24hr",'
    '"MVPA_E5S_T100_ENMO_0-24hr","MVPA_E1M_T100_ENMO_0-24hr","MVPA_E5S_B10M80%_T100_ENMO_0-24hr",'
    '"MVPA_E5S_T120_ENMO_0-24hr"'
)


def part5(
    rows: Iterable[tuple[str, object, object]], not_worn: object = 0, window: str = "MM", who: str = "P01"
) -> bytes:
    """`part5_daysummary_...`: (date, moderate, vigorous minutes); `not_worn`: percent of the waking day."""
    lines = [
        f"{who},{FILE},Wednesday,{day},{n},{window},3.3-6,23:12:00,07:05:30,0,0,{not_worn},0,0.5,473.5,966.5,1440,640.25,"
        f"258.15,{moderate},{vigorous},22,46.3,39.1,0.9,1 5 10"
        for n, (day, moderate, vigorous) in enumerate(rows, 1)
    ]
    return ("\n".join([PART5, *lines]) + "\n").encode()


def days(rows: Iterable[tuple[str, object, object]], who: str = "P01") -> bytes:
    """`part2_daysummary.csv`: (date, valid hours, minutes from 100 mg on)."""
    lines = [
        f"{who},{FILE},{day},wrist,{hours},24,Tuesday,{n},28.9,{minutes},{minutes},5.5,{minutes}"
        for n, (day, hours, minutes) in enumerate(rows, 1)
    ]
    return ("\n".join([DAYS, *lines]) + "\n").encode()


def events(rows: Iterable[tuple[str, object, object]], who: str = "P01") -> bytes:
    """`part2_dayeventsummary.csv`: (date, valid hours, steps)."""
    lines = [
        f"{who},{FILE},{day},wrist,{hours},24,Tuesday,{n},{steps},5.7,20.5,6"
        for n, (day, hours, steps) in enumerate(rows, 1)
    ]
    return ("\n".join([EVENTS, *lines]) + "\n").encode()


def european(content: bytes) -> bytes:
    """The same with semicolons and decimal commas."""
    return content.replace(b",", b";").replace(b".", b",").replace(b"cwa,RData", b"cwa.RData")


def sample() -> dict[str, bytes]:
    return {
        "results/part5_daysummary_MM_L40M100V400_T5A5.csv": part5([("2026-03-09", 62.1, 6.2), ("2026-03-10", 41, 2.4)]),
        "results/part2_daysummary.csv": days(
            [("2026-03-08", 9.5, 21.3), ("2026-03-09", 23.75, 64.2), ("2026-03-10", 24, 47.8), ("2026-03-11", 0, "")]
        ),
        "results/part2_dayeventsummary.csv": european(events([("2026-03-09", 23.75, 8123), ("2026-03-10", 24, 6040)])),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"ggir": sample}
