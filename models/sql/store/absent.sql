-- The files of the ledger (view `ledger`) that do not lie in the inbox (view `lying`) as the ledger has them, each with
-- where it lay there: itself, or the archive that it is packed in. `is_gone`: nothing lies there, or another content;
-- FALSE: that is not known now, for it was not looked at, or what lies there is not loaded yet.
-- Parameters: only, unseen.
CREATE OR REPLACE TEMP TABLE absent AS
WITH loaded AS (  -- what the ledger has as it lies there
    SELECT path, modified_ns FROM lying SEMI JOIN ledger USING (path, size_bytes, modified_ns)
),
away AS (
    SELECT file_id, participant_id, path, split_part(path, '!/', 1) AS inbox_path
    FROM ledger ANTI JOIN lying USING (path, size_bytes, modified_ns)
    WHERE NOT EXISTS (
        FROM loaded l WHERE l.path = inbox_path AND l.path <> ledger.path AND l.modified_ns = ledger.modified_ns)
),
unseen AS (SELECT unnest($unseen::TEXT[]) AS path)
SELECT file_id, inbox_path,
       CASE WHEN participant_id <> coalesce($only, participant_id) THEN FALSE
            WHEN EXISTS (FROM lying l WHERE l.path = away.path) THEN EXISTS (FROM loaded l WHERE l.path = away.path)
            WHEN EXISTS (FROM lying l WHERE l.path = inbox_path) THEN EXISTS (FROM loaded l WHERE l.path = inbox_path)
            ELSE NOT EXISTS (FROM unseen u WHERE away.path = u.path OR starts_with(away.path, u.path || '/'))
       END AS is_gone
FROM away
