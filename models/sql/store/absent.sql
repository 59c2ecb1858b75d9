-- Into `absent`: the files of the ledger (view `ledger`) that do not lie in the inbox (view `lying`) as the ledger has
-- them, each with where it lay there: itself, or the archive that it is packed in. `is_gone`: nothing lies there, or
-- another content; FALSE: that is not known now, for it was not looked at, or what lies there is not loaded yet.
-- Parameters: since, until (whose: names from `since` on, before `until`), only, unseen.
INSERT INTO absent
WITH theirs AS (
    FROM ledger ANTI JOIN passed_over USING (participant_id)
    WHERE participant_id >= $since AND ($until IS NULL OR participant_id < $until)
),
unmatched AS (
    SELECT file_id, participant_id, path, modified_ns, split_part(path, '!/', 1) AS inbox_path
    FROM theirs ANTI JOIN lying USING (path, size_bytes, modified_ns)
),
place AS (SELECT path FROM unmatched UNION SELECT inbox_path FROM unmatched),
there AS (  -- what lies where they lay; `is_known`: the ledger has it
    SELECT l.path, l.modified_ns, k.path IS NOT NULL AS is_known
    FROM lying l SEMI JOIN place USING (path)
    LEFT JOIN (SELECT DISTINCT path, size_bytes, modified_ns FROM theirs SEMI JOIN place USING (path)) k
        USING (path, size_bytes, modified_ns)
),
unseen AS (SELECT unnest($unseen::TEXT[]) AS path)
SELECT f.file_id, f.inbox_path,
       CASE WHEN f.participant_id <> coalesce($only, f.participant_id) THEN FALSE
            ELSE coalesce(itself.is_known, archive.is_known, NOT EXISTS (
                FROM unseen u WHERE f.path = u.path OR starts_with(f.path, u.path || '/')))
       END AS is_gone
FROM unmatched f
LEFT JOIN there itself ON itself.path = f.path
LEFT JOIN there archive ON archive.path = f.inbox_path AND f.path <> f.inbox_path
WHERE itself.path IS NOT NULL OR NOT coalesce(archive.is_known AND archive.modified_ns = f.modified_ns, FALSE)
