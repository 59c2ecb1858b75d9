"""Where a day's numbers come from: what every source said of it, what was used, what was set aside, and why.

Nothing of this is kept: the day is resolved again, by the same SQL, from the rows that are.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from rich.markup import escape

from flows.output import number
from flows.terminal import console, table
from models.store.read import day_again

_SOURCES = """
    SELECT d.source, d.device_class, d.rank, d.steps, d.wear_ms // 60000 AS wear_minutes, d.wear_method, d.is_whole,
           nullif(d.is_late, FALSE) AS morning_unseen, nullif(d.is_suspect, FALSE) AS clock_suspect,
           d.walking_ms // 60000 AS vendor_walking_minutes,
           CASE WHEN u.minutes IS NOT NULL THEN u.minutes || ' minutes with steps used'
                WHEN c.device_id = d.device_id THEN 'its count of the day used'
                WHEN d.rank = 1 AND d.wear_ms > 0 THEN 'worn: its zeros are the day''s'
                ELSE 'set aside' END AS role,
           CASE WHEN u.minutes IS NOT NULL AND d.rank = 1 THEN 'best source that day'
                WHEN u.minutes IS NOT NULL THEN 'fills minutes that no better source covers'
                WHEN c.device_id = d.device_id AND c.best_kind = 'minutes' THEN 'the better source was worn too little'
                WHEN c.device_id = d.device_id THEN 'best source whose day is valid'
                WHEN d.rank = 1 THEN 'best source that day'
                WHEN c.kind = 'minutes' AND NOT d.has_minutes THEN 'a total is never combined with minutes'
                WHEN c.kind = 'minutes' THEN 'a better source covers all its minutes'
                ELSE 'another source was taken for the day' END AS why
    FROM device_day d
    JOIN chosen c USING (participant_id, local_date)
    LEFT JOIN (
        SELECT f.device_id, count(*) AS minutes
        FROM foot_minute f
        JOIN device_day y ON y.device_id = f.device_id AND y.local_date = f.local_date
        LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
                                 AND m.minute = f.minute
        WHERE f.steps > 0 AND coalesce(m.rank, y.rank) = y.rank
        GROUP BY ALL
    ) u ON u.device_id = d.device_id AND c.kind = 'minutes'
    WHERE d.participant_id = $who AND d.local_date = $day
    UNION ALL BY NAME
    SELECT d.source, d.device_class, 'set aside' AS role, 'may be a copy of a wearable that was read itself' AS why
    FROM copy_day c JOIN device d USING (device_id) WHERE c.participant_id = $who AND c.local_date = $day
    ORDER BY rank NULLS LAST, source"""
# Consecutive minutes of one source, in UTC: which source each minute of the day came from.
_MINUTES = """
    SELECT source, min(minute) AS from_utc, max(minute) + INTERVAL 1 MINUTE AS to_utc, sum(steps)::BIGINT AS steps
    FROM (
        SELECT *, count(*) FILTER (is_new) OVER (ORDER BY minute) AS run
        FROM (
            SELECT f.minute, f.steps, y.source,
                   coalesce(y.source <> lag(y.source) OVER (ORDER BY f.minute), TRUE) AS is_new
            FROM foot_minute f
            JOIN device_day y ON y.device_id = f.device_id AND y.local_date = f.local_date
            JOIN chosen c ON c.participant_id = f.participant_id AND c.local_date = f.local_date
            LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
                                     AND m.minute = f.minute
            WHERE f.steps > 0 AND f.participant_id = $who AND f.local_date = $day
              AND CASE WHEN c.kind = 'minutes' THEN coalesce(m.rank, y.rank) = y.rank
                       ELSE c.kind = 'alone' AND c.device_id = f.device_id END
        )
    )
    GROUP BY source, run ORDER BY from_utc"""
_SESSIONS = """
    SELECT p.source, p.activity, p.modality, p.start_time AS from_utc, p.end_time AS to_utc
    FROM part p WHERE p.participant_id = $who AND p.local_date = $day ORDER BY ALL"""
_FILES = """
    SELECT f.path, f.connector, f.source, f.status, f.covers_from, f.covers_to,
           CASE WHEN EXISTS (
               FROM superseded s JOIN touched_day t ON s.covers_from < t.ends AND s.covers_to > t.begins
               WHERE s.file_id = f.file_id
           ) THEN 'a newer export replaces it here, as far as that one tells' ELSE '' END AS replaced
    FROM source_file f
    WHERE f.participant_id = $who AND $day BETWEEN f.covers_from AND f.covers_to ORDER BY ALL"""
_RESULT = """
    SELECT day_state, is_partial, steps, walking_ms / 60000 AS walking_minutes, walking_method,
           mvpa_ms / 60000 AS mvpa_minutes, intensity_method, exercise_ms / 60000 AS exercise_minutes, exercise_method,
           movement_ms / 60000 AS movement_minutes, wear_ms / 60000 AS wear_minutes, wear_method,
           day_ms // 60000 AS day_minutes, primary_source, sources, flags
    FROM resolved_day WHERE participant_id = $who AND local_date = $day"""


def explain(warehouse: Path, who: str, day: date) -> dict[str, list[dict[str, Any]]]:
    """The day as it stands, its sources side by side, which source each stretch of it came from, sessions and files.

    Raises StoreError while a run holds the store, or where nothing was ever loaded.
    """
    questions = {"day": _RESULT, "sources": _SOURCES, "minutes": _MINUTES, "sessions": _SESSIONS, "files": _FILES}
    answers = day_again(warehouse, who, day, questions)
    return {name: [dict(zip(columns, row, strict=True)) for row in rows] for name, (columns, rows) in answers.items()}


def show(found: dict[str, list[dict[str, Any]]]) -> None:
    """Print an explanation."""
    out = console()
    titles = {
        "day": "The day", "sources": "What each source said", "minutes": "Where its steps come from (UTC)",
        "sessions": "Recorded or written down (UTC)", "files": "Files that hold the day",
    }  # fmt: skip
    for name, title in titles.items():
        rows = found[name]
        if not rows:
            continue
        out.print(f"[bold]{title}[/bold]")
        if name == "day":
            out.print(table(["", ""], [(key, _plain(value)) for key, value in rows[0].items() if value is not None]))
        elif name == "sources":
            for source in rows:
                known = {k: v for k, v in source.items() if v is not None and k not in ("source", "role", "why")}
                out.print(escape(f"  {source['source']}: {source['role']} ({source['why']})"))
                out.print(escape("    " + ", ".join(f"{k} {_plain(v)}" for k, v in known.items())), style="dim")
        else:
            cells = [tuple("" if v is None else _plain(v) for v in row.values()) for row in rows]
            out.print(table(list(rows[0]), cells))


def _plain(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
