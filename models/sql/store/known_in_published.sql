-- The same in the published database, which names no files: of what is not used and of who is held the worklist tells.
CREATE OR REPLACE TEMP VIEW known_file AS SELECT *, NULL::TEXT AS path, '' AS note FROM source_file;
CREATE OR REPLACE TEMP VIEW known_fault AS
SELECT place, reason AS found, '' AS expected, what_to_do AS remedy, NULL::TEXT AS words, '' AS file, participant_id, kind,
       '' AS content
FROM rejection LIMIT 0;
CREATE OR REPLACE TEMP VIEW known_held AS
SELECT participant_id, '' AS step, '' AS reason, '' AS what_to_do FROM participant LIMIT 0;
CREATE OR REPLACE TEMP VIEW known_agreed AS
SELECT NULL::TEXT AS goal_id, NULL::INTEGER AS version, NULL AS infusion_id, NULL AS from_week,
       NULL::INTEGER AS to_week, NULL AS kind, NULL AS metric, NULL AS targets, NULL AS per_day, NULL AS derivation,
       NULL AS effective_from, NULL AS correction, NULL AS status WHERE FALSE;
CREATE OR REPLACE TEMP VIEW known_ruled AS FROM known_agreed;
CREATE OR REPLACE TEMP VIEW known_control AS SELECT NULL::TEXT AS fingerprint WHERE FALSE;
CREATE OR REPLACE TEMP VIEW known_session AS FROM session;
CREATE OR REPLACE TEMP VIEW known_nameless AS
SELECT participant_id, NULL::TEXT AS path, source, count(*) AS sessions, min(vendor_activity) AS such_as
FROM session WHERE source <> 'diary' GROUP BY ALL HAVING count(*) >= 3 AND bool_and(activity = 'other');
CREATE OR REPLACE TEMP VIEW known_lack AS
SELECT NULL::TEXT AS participant_id, NULL::TEXT AS path, 0 AS sessions WHERE FALSE;
CREATE OR REPLACE TEMP VIEW known_turn AS
SELECT participant_id, sha256, NULL::TEXT AS path, 'loaded' AS turn, loaded_at AS turned_at, covers_from, covers_to
FROM source_file WHERE status = 'loaded';
CREATE OR REPLACE TEMP VIEW known_history AS FROM goal_week_history;
