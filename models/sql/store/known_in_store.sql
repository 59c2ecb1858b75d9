-- What questions (models/sql/ask) call known, in the store. `known_lack`: what stands of older lists of sessions, where
-- the newest one could have it. Faults have the columns of models/fault.py.
CREATE OR REPLACE TEMP VIEW known_file AS FROM source_file WHERE status <> 'withdrawn';
CREATE OR REPLACE TEMP VIEW known_fault AS
SELECT place, found, expected, what_to_do AS remedy, words, path AS file, participant_id, kind,
       left(sha256, 12) AS content
FROM rejection;
CREATE OR REPLACE TEMP VIEW known_held AS FROM held;
CREATE OR REPLACE TEMP VIEW known_ruled AS FROM ruled_goal;
CREATE OR REPLACE TEMP VIEW known_agreed AS FROM goal;
CREATE OR REPLACE TEMP VIEW known_control AS FROM written_control;
CREATE OR REPLACE TEMP VIEW known_session AS
SELECT s.activity, s.vendor_activity, d.source FROM session s JOIN device d USING (device_id);
CREATE OR REPLACE TEMP VIEW known_nameless AS  -- lists of activities of which none is of a kind that is known
SELECT f.participant_id, f.path, d.source, count(*) AS sessions, min(s.vendor_activity) AS such_as
FROM source_file f JOIN session s ON s.file_id = f.file_id JOIN device d USING (device_id)
WHERE f.status = 'loaded' AND f.connector <> 'diary'
GROUP BY f.file_id, f.participant_id, f.path, d.source HAVING count(*) >= 3 AND bool_and(s.activity = 'other');
CREATE OR REPLACE TEMP VIEW known_lack AS
WITH newest_list AS (  -- of those that are selections of many sessions
    SELECT f.file_id, f.participant_id, f.connector, f.path, min(s.start_time) AS first, max(s.start_time) AS last
    FROM source_file f JOIN session s USING (file_id)
    WHERE f.status = 'loaded' AND f.kind = 'selection' AND f.connector <> 'diary'
    GROUP BY f.file_id, f.participant_id, f.connector, f.path, f.sha256 HAVING count(*) > 1
    QUALIFY row_number() OVER (PARTITION BY f.participant_id, f.connector
                               ORDER BY max(s.start_time) DESC, f.sha256 DESC) = 1
)
SELECT n.participant_id, n.path, count(*) AS sessions
FROM newest_list n
JOIN source_file f ON f.participant_id = n.participant_id AND f.connector = n.connector AND f.status = 'loaded'
    AND f.file_id <> n.file_id
JOIN session s ON s.file_id = f.file_id AND s.start_time BETWEEN n.first AND n.last
SEMI JOIN standing_session t ON t.file_id = s.file_id AND t.session_id = s.session_id
GROUP BY n.participant_id, n.path;
-- Files that began to count, or no longer do, by when; and every verdict ever given.
CREATE OR REPLACE TEMP VIEW known_turn AS
SELECT participant_id, sha256, path, 'loaded' AS turn, loaded_at AS turned_at, covers_from, covers_to
FROM source_file WHERE status = 'loaded'
UNION ALL
SELECT participant_id, sha256, path, status, out_at, out_from, out_to FROM source_file WHERE out_at IS NOT NULL
UNION ALL  -- one that was edited, and cannot be used since
SELECT o.participant_id, o.sha256, o.path, 'loaded', o.out_at, o.out_from, o.out_to FROM source_file o
SEMI JOIN (FROM source_file WHERE status = 'rejected') n USING (participant_id, path)
WHERE o.status = 'withdrawn' AND o.out_at IS NOT NULL;
CREATE OR REPLACE TEMP VIEW known_history AS FROM verdict;
