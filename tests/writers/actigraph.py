"""Writes the DataTable CSV of ActiLife. Times are naive: the device's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

COLUMNS = (
    "Axis1,Axis2,Axis3,Steps,Lux,Inclinometer Off,Inclinometer Standing,Inclinometer Sitting,Inclinometer Lying,"
    "Vector Magnitude"
)
MONTH_FIRST, DAY_FIRST = "M/d/yyyy", "d/M/yyyy"


def plain(day: datetime, form: str) -> str:
    """1/31/2024 or 31/1/2024"""
    parts = {"M": str(day.month), "d": str(day.day), "y": str(day.year)}
    return "/".join(parts[part[0]] for part in form.split("/"))


def table(
    start: datetime,
    epochs: Iterable[tuple[int, int]],
    seconds: int = 60,
    *,
    form: str = MONTH_FIRST,
    dated: bool = True,
    header: bool = True,
    columns: str = COLUMNS,
    separator: str = ",",
    filter_name: str = "Normal",
) -> bytes:
    """`... 60sec DataTable.csv`: (counts of axis 1, steps) by epoch."""
    period = f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    lines = [
        f"------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.4 Firmware v3.2.1 date format {form} "
        f"at 30 Hz Filter {filter_name} -----------",
        "Serial Number: NEO1F09000001",
        f"Start Time {start:%H:%M:%S}",
        f"Start Date {plain(start, form)}",
        f"Epoch Period (hh:mm:ss) {period}",
        "Download Time 12:00:00",
        f"Download Date {plain(start + timedelta(days=9), form)}",
        "Current Memory Address: 0",
        "Current Battery Voltage: 4.20     Mode = 61",
        "--------------------------------------------------",
    ]
    if header:
        lines.append(("Date, Time, " if dated else "") + columns)
    for n, (counts, steps) in enumerate(epochs):
        at = start + n * timedelta(seconds=seconds)
        values = {"Axis1": str(counts), "Steps": str(steps), "Vector Magnitude": "1581.93"}
        cells = [values.get(name, "0") for name in columns.split(",")]
        lines.append(",".join([plain(at, form), f"{at:%H:%M:%S}", *cells] if dated else cells))
    text = "\r\n".join(lines) + "\r\n"
    return text.replace(",", separator).encode()


def database(start: datetime, epochs: Iterable[tuple[int, int]], seconds: int = 60) -> bytes:
    """A table of a database of epochs: (counts of axis 1, steps), each with its time."""
    rows = [
        f"{start + n * timedelta(seconds=seconds)},S01.agd,{seconds},NEO1F09000001,{counts},0,0,{steps},0"
        for n, (counts, steps) in enumerate(epochs)
    ]
    head = "timestamp,filename,epochlengthinseconds,serialnumber,axis1,axis2,axis3,steps,lux"
    return ("\n".join([head, *rows]) + "\n").encode()


def with_older_columns(content: bytes) -> bytes:
    """A table as other versions of ActiLife write it: another first line, the names of the axes, small letters."""
    for now, then in (
        (b"Data File Created", b"Data Table File Created"),
        (b"date format M/d/yyyy", b"date format m/d/yyyy"),
        (b"Date, Time, Axis1,Axis2,Axis3", b"Date,Epoch,Activity,Activity (Horizontal),3rd Axis"),
    ):
        content = content.replace(now, then)
    return content


def sample() -> dict[str, bytes]:
    """Minutes of every kind, and ten-second epochs."""
    minutes = [(0, 0), (99, 0), (100, 12), (1951, 70), (1952, 104), (5724, 128), (5725, 160), (1200, 61)]
    short = [(400, 10)] * 6 + [(300, 9)] * 6 + [(20, 1)] * 3
    start = datetime(2024, 1, 31, 23, 57)
    return {
        "S01 60sec DataTable.csv": table(start, minutes),
        "S01 10sec DataTable.csv": table(start, short, 10, form=DAY_FIRST, dated=False),
        "S01 older DataTable.csv": with_older_columns(table(start, minutes[3:])),
        "S01 epochs.csv": database(start, minutes[:3]),
    }


def epochs_of_cloud(first: int, steps: Iterable[int | str], seconds: int = 60, serial: str = "TAS1D48140206") -> bytes:
    """What CentrePoint writes; `first` in seconds since 1970."""
    rows = [
        f"Sleepy,S01,{serial},{first + n * seconds},310,1200,88,Not Supported,Not Supported,Not Supported,{count}"
        for n, count in enumerate(steps)
    ]
    head = "Study Id,Subject Id,Device Serial,Timestamp,X,Y,Z,HeartRate,Capsense,Lux,Steps"
    return ("\n".join([head, *rows]) + "\n").encode()


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {
    "actigraph": sample,
    "centrepoint": lambda: {"S01 epochs.csv": epochs_of_cloud(1_772_971_200, [0, 61, 104])},
}
