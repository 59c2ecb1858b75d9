-- Which files of the inbox (view `lying`) must be looked into: all but those of which the ledger says, as they lie there,
-- what would be said of them again. It would not be said again in other zones (view `zoned`: each person's), where it
-- does not hold on the date of today's clock (models/set_aside.py), where it could not be read, or was refused by other
-- readers or without a password. What counts though its reader is gone goes on counting, as it was read. What was put
-- back where another content lay meanwhile, which took its place in an export, is looked into: the place is its own again.
-- Parameters: since, until (whose: names from `since` on, before `until`), installed (readers by name), readers (with
-- their versions), settings, today, retry.
WITH theirs AS (
    FROM source_file ANTI JOIN passed_over USING (participant_id)
    WHERE participant_id >= $since AND ($until IS NULL OR participant_id < $until) AND status <> 'withdrawn'
),
open_question AS (  -- what is said of a file, or of one packed in it, for the time being
    SELECT split_part(path, '!/', 1) AS path, bool_or(is_due) AS is_due, bool_or(is_refused) AS is_refused
    FROM (SELECT *, coalesce($today < holds_since, FALSE) OR coalesce($today >= holds_until, FALSE) AS is_due,
                 status IN ('rejected', 'unknown') AS is_refused
          FROM theirs WHERE is_due OR is_refused) f
    WHERE NOT EXISTS (  -- another content lies there since
        FROM theirs later WHERE later.path = f.path AND later.file_id > f.file_id)
    GROUP BY ALL
),
replaced AS (  -- in an export, by what was written over it
    SELECT f.file_id FROM theirs f JOIN theirs later ON later.path = f.path AND later.file_id > f.file_id
    WHERE f.export IS NULL AND later.export IS NOT NULL
),
settled AS (
    SELECT f.path, f.size_bytes, f.modified_ns
    FROM theirs f
    JOIN zoned z USING (participant_id)
    LEFT JOIN open_question q ON q.path = f.path
    LEFT JOIN (SELECT unnest($installed::TEXT[]) AS connector) r ON r.connector = f.connector
    WHERE f.file_id NOT IN (FROM replaced)
      AND (f.status = 'loaded' AND f.connector IS NOT NULL AND r.connector IS NULL
           OR f.sha256 IS NOT NULL AND f.zones IN (z.zones, z.zones || ' ' || $settings)
          AND NOT coalesce(q.is_due, FALSE)
          AND NOT (coalesce(q.is_refused, FALSE) AND ($retry OR f.code_version IS DISTINCT FROM $readers)))
)
SELECT number FROM lying ANTI JOIN settled USING (path, size_bytes, modified_ns) ORDER BY number
