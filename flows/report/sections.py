"""What a participant's page is made of: one question per section, to the published database alone.

A page is rewritten when an answer to one of them changes, so nothing else may stand on it. What changes every night
(as_of, when a run was) is on no page of a participant: days are asked for only up to as_of.
"""

from __future__ import annotations

from models.store.sql import queries

# Each with its order within a participant.
SECTIONS = {name: tuple(text.rsplit("\nORDER BY ", 1)) for name, text in queries("report/sections").items()}

# One row per participant of those asked for: everything the sections answer, as one fingerprint.
FINGERPRINTS = (
    "SELECT participant_id, "
    + " || ".join(f"coalesce({name}.print, '')" for name in SECTIONS)
    + " AS print FROM participant "
    + " ".join(
        f"""LEFT JOIN (SELECT participant_id, md5(string_agg(row_of::TEXT, chr(10) ORDER BY row_of::TEXT)) AS print
            FROM ({sql}) row_of GROUP BY participant_id) {name} USING (participant_id)"""
        for name, (sql, _) in SECTIONS.items()
    )
    + " WHERE participant_id IN (SELECT unnest($who)) ORDER BY participant_id"
)
