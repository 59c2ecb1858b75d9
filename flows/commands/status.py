"""Files loaded and rejected, the last run, what needs a person."""

from __future__ import annotations

import argparse
import json

from flows.commands import CLEAN, with_study

_STATUS = {
    "Last run": """
        SELECT command, as_of, ended_at, outcome, files_loaded, files_rejected
        FROM run ORDER BY started_at DESC LIMIT 1""",
    "Not used": "SELECT participant_id, path, place, reason, what_to_do FROM rejection ORDER BY ALL",
    "The same file in two people's folders": """
        SELECT left(sha256, 12) AS content, string_agg(DISTINCT participant_id, ', ' ORDER BY participant_id) AS folders
        FROM source_file WHERE status = 'loaded'
        GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1 ORDER BY ALL""",
    "Files": """
        SELECT participant_id, count(*) FILTER (status = 'loaded') AS loaded,
               count(*) FILTER (status = 'duplicate') AS duplicate, count(*) FILTER (status = 'rejected') AS rejected,
               count(*) FILTER (status = 'ignored') AS ignored, max(covers_to) AS data_until
        FROM source_file GROUP BY ALL ORDER BY ALL""",
    "New in the exports": """
        SELECT participant_id, path, note FROM source_file WHERE status = 'loaded' AND note <> '' ORDER BY ALL""",
    "Activities counted as other": """
        SELECT d.source, vendor_activity, count(*) AS sessions FROM session s JOIN device d USING (device_id)
        WHERE activity = 'other' GROUP BY ALL ORDER BY ALL""",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study."""
    with_study(parser)


def call(arguments: argparse.Namespace) -> int:
    """All of it, each part with what is in it."""
    from flows.terminal import show
    from models.store_read import query_store
    from models.study import read_study

    warehouse = read_study(arguments.study).warehouse
    found = {title: query_store(warehouse, sql) for title, sql in _STATUS.items()}
    if arguments.json:
        plain = {title: [dict(zip(names, row, strict=True)) for row in rows] for title, (names, rows) in found.items()}
        print(json.dumps(plain, default=str, indent=2))
        return CLEAN
    for title, (columns, rows) in found.items():
        if rows:
            show(columns, rows, False, title)
    return CLEAN
