-- Files that no reader takes and whose status changes, with what they look like (the `found` of their rejection, else
-- their note). In an export that is recognised they are unknown, or ignored where they travel with exports of any
-- vendor; elsewhere they are rejected, of those that travel one in an export for all that look alike. An export is an
-- archive, or a top folder of the person's; recognised is one with at least one file that a reader takes or knows as a
-- companion of what it takes. What was unpacked into the person's own folder is one, too: five files or more that no
-- reader takes, beside parts of an account's archive; but a picture there may be of a diary. A content that lies
-- in several places is of such an export wherever it was found first. Parameters: found, travels.
WITH concerned AS (  -- whoever has one
    SELECT DISTINCT participant_id FROM source_file
    WHERE status IN ('unknown', 'rejected') OR status = 'ignored' AND connector IS NULL AND note IN $travels
),
placed AS (
    SELECT s.file_id, s.participant_id, s.path, s.sha256, s.status, s.connector, s.kind,
           coalesce(a.is_gone, FALSE) AS is_gone, split_part(s.path, '!/', 1) AS inbox_path,
           CASE WHEN s.path <> inbox_path AND NOT is_packed_alone(inbox_path) THEN inbox_path
                WHEN split_part(s.path, '/', 3) <> '' THEN concat_ws('/', s.participant_id, split_part(s.path, '/', 2))
           END AS lies_in,  -- NULL: it lies by itself, also in a .gz of its own
           coalesce(lies_in, s.participant_id) AS place,
           CASE s.status WHEN 'rejected' THEN r.found ELSE s.note END AS looks,
           coalesce(looks IN $travels, FALSE) AS travels,
           s.status = 'unknown' OR s.status = 'rejected' AND r.found IS NOT NULL
               OR s.status = 'ignored' AND s.connector IS NULL AND travels AS is_unread
    FROM source_file s SEMI JOIN concerned USING (participant_id)
    LEFT JOIN absent a USING (file_id)
    LEFT JOIN rejection r ON r.participant_id = s.participant_id AND r.path = s.path AND r.found IN $found
),
original AS (
    SELECT participant_id, sha256, max(connector) AS connector, max(kind) AS kind, bool_or(is_unread) AS is_unread,
           bool_or(travels) AS travels
    FROM placed WHERE status <> 'duplicate' GROUP BY ALL
),
content AS (  -- a duplicate is what it is a duplicate of
    SELECT p.participant_id, p.sha256, p.place, p.lies_in, p.status, p.is_gone,
           coalesce(p.connector, o.connector) AS connector, coalesce(p.kind, o.kind) AS kind,
           coalesce(o.is_unread, p.is_unread) AS is_unread, coalesce(o.travels, p.travels) AS travels
    FROM placed p LEFT JOIN original o
      ON p.status = 'duplicate' AND o.participant_id = p.participant_id AND o.sha256 = p.sha256
    WHERE p.status <> 'duplicate' OR NOT p.is_gone
),
recognised AS (
    SELECT participant_id, place FROM content
    WHERE NOT is_gone
    GROUP BY participant_id, place
    HAVING bool_or(connector NOT IN ('zip', 'tar', 'gzip') AND status <> 'withdrawn'
                   AND (lies_in IS NOT NULL OR coalesce(kind IN ('archive', 'history'), FALSE)))
       AND (bool_or(lies_in IS NOT NULL) OR count(DISTINCT sha256) FILTER (is_unread AND NOT travels) >= 5)
),
known AS (
    SELECT DISTINCT participant_id, sha256 FROM content JOIN recognised USING (participant_id, place)
    WHERE is_unread AND (lies_in IS NOT NULL OR NOT travels)
),
unread AS (
    SELECT p.*, k.sha256 IS NOT NULL AS is_recognised
    FROM placed p LEFT JOIN known k USING (participant_id, sha256)
    WHERE p.is_unread
)
SELECT CASE WHEN is_recognised THEN IF(travels, 'ignored', 'unknown')
            WHEN travels AND lies_in IS NOT NULL AND row_number() OVER (
                PARTITION BY participant_id, lies_in, looks, is_recognised ORDER BY file_id) > 1 THEN 'ignored'
            ELSE 'rejected' END AS becomes,
       status, file_id, participant_id, path, sha256, looks
FROM unread
QUALIFY becomes <> status
ORDER BY participant_id, path
