"""What a participant's page is made of: one question per section, to the published database alone.

A page is rewritten when an answer to one of them changes, so nothing else may stand on it. What changes every night
(as_of, when a run was) is on no page of a participant: days are asked for only up to as_of.
"""

from __future__ import annotations

from models.store.sql import queries

# Each with its order within a participant.
SECTIONS = {name: tuple(text.rsplit("\nORDER BY ", 1)) for name, text in queries("report/sections").items()}

# One row per participant and section that says anything of them.
_PRINTS = " UNION ALL ".join(
    f"SELECT participant_id, '{name} ' || count(*) || ' ' || sum(hash(row_of)::HUGEINT) AS print "
    f"FROM ({sql}) row_of GROUP BY participant_id"
    for name, (sql, _) in SECTIONS.items()
)

# One row per participant: everything the sections answer, as one fingerprint. Of the rows of a section it is how many
# there are and the sum of their hashes (64 bits each, as publishing compares rows): no row is written out or sorted.
FINGERPRINTS = f"""
    SELECT participant_id, coalesce(string_agg(print, '|' ORDER BY print), '') AS print
    FROM participant LEFT JOIN ({_PRINTS}) USING (participant_id)
    GROUP BY participant_id ORDER BY participant_id"""
