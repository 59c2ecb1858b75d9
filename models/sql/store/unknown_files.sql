-- Files that no reader takes and whose status changes, with what they look like (the `found` of their rejection, else
-- their note). In an export that is recognised they are unknown, or ignored where they travel with exports of any
-- vendor; elsewhere they are rejected, of those that travel one in an export for all that look alike. An export is an
-- archive, or a top folder of the person's; recognised is one with at least one file that a reader takes or knows as a
-- companion of what it takes. What was unpacked into the person's own folder is one, too: five files or more that no
-- reader takes, beside parts of an account's archive; but a picture there may be of a diary. A content that lies
-- in several places is of such an export wherever it was found first. Parameters: found, travels.
WITH placed AS (
    SELECT w.*, s.kind, coalesce(w.export, w.participant_id) AS place,
           CASE w.status WHEN 'rejected' THEN r.found ELSE s.note END AS looks,
           coalesce(looks IN $travels, FALSE) AS travels,
           w.status = 'unknown' OR w.status = 'rejected' AND r.found IS NOT NULL
               OR w.status = 'ignored' AND w.connector IS NULL AND travels AS is_unread
    FROM whereabouts w
    JOIN source_file s USING (file_id, path)
    LEFT JOIN rejection r ON r.participant_id = w.participant_id AND r.path = w.path AND r.found IN $found
),
original AS (
    SELECT participant_id, sha256, max(connector) AS connector, max(kind) AS kind, bool_or(is_unread) AS is_unread,
           bool_or(travels) AS travels
    FROM placed WHERE status <> 'duplicate' GROUP BY ALL
),
content AS (  -- a duplicate is what it is a duplicate of
    SELECT p.participant_id, p.sha256, p.place, p.export, p.status, p.lies,
           coalesce(p.connector, o.connector) AS connector, coalesce(p.kind, o.kind) AS kind,
           coalesce(o.is_unread, p.is_unread) AS is_unread, coalesce(o.travels, p.travels) AS travels
    FROM placed p LEFT JOIN original o
      ON p.status = 'duplicate' AND o.participant_id = p.participant_id AND o.sha256 = p.sha256
    WHERE p.status <> 'duplicate' OR p.lies IS DISTINCT FROM FALSE
),
recognised AS (
    SELECT participant_id, place FROM content
    WHERE lies IS DISTINCT FROM FALSE
    GROUP BY participant_id, place
    HAVING bool_or(connector NOT IN ('zip', 'tar', 'gzip') AND status <> 'withdrawn'
                   AND (export IS NOT NULL OR coalesce(kind IN ('archive', 'history'), FALSE)))
       AND (bool_or(export IS NOT NULL) OR count(DISTINCT sha256) FILTER (is_unread AND NOT travels) >= 5)
),
known AS (
    SELECT DISTINCT participant_id, sha256 FROM content JOIN recognised USING (participant_id, place)
    WHERE is_unread AND (export IS NOT NULL OR NOT travels)
),
unread AS (
    SELECT p.*, k.sha256 IS NOT NULL AS is_recognised
    FROM placed p LEFT JOIN known k USING (participant_id, sha256)
    WHERE p.is_unread
)
SELECT CASE WHEN is_recognised THEN IF(travels, 'ignored', 'unknown')
            WHEN travels AND export IS NOT NULL AND row_number() OVER (
                PARTITION BY participant_id, export, looks, is_recognised ORDER BY file_id) > 1 THEN 'ignored'
            ELSE 'rejected' END AS becomes,
       status, file_id, participant_id, path, sha256, looks
FROM unread
QUALIFY becomes <> status
ORDER BY participant_id, path
