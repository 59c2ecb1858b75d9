-- Rule: R6.2, R6.3, R6.4
-- Grain: one row per stretch of one older file, device and metric that a newer export replaces (superseded).
-- export_file: one row per loaded file. full_export: one row per history, or archive whose parts came together;
-- full_export_file: one row per file of one.
-- connectors/__init__.py says which export is of which kind. What an archive has that is in a newer one, too, stands
-- there. Heart rate and running totals need no rule of their own in a report: their presence and their maximum are the
-- same whatever arrives twice.
CREATE OR REPLACE TEMP TABLE export_file AS
SELECT f.file_id, f.participant_id, f.connector, f.kind, f.sha256,
       min(c.covers_from) AS covers_from, max(c.covers_to) AS covers_to
FROM source_file f JOIN coverage c ON c.file_id = f.file_id
WHERE f.status = 'loaded' AND f.participant_id IN (SELECT participant_id FROM touched_day)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE full_export_file AS
WITH together AS (  -- more than one file, or one in a folder that only such an archive has
    SELECT participant_id, export FROM source_file
    WHERE export IS NOT NULL AND participant_id IN (SELECT participant_id FROM touched_day)
    GROUP BY ALL HAVING count(DISTINCT path) > 1 OR NOT any_value(ends_with(export, '/'))
),
unread AS (
    SELECT DISTINCT participant_id, export, connector FROM source_file WHERE status = 'rejected' AND export IS NOT NULL
)
SELECT DISTINCT f.file_id, f.participant_id, f.connector, s.export
FROM export_file f
JOIN source_file s ON s.participant_id = f.participant_id AND s.sha256 = f.sha256
    AND s.status IN ('loaded', 'duplicate')
SEMI JOIN together t ON t.participant_id = s.participant_id AND t.export = s.export
ANTI JOIN unread u ON u.participant_id = s.participant_id AND u.export = s.export
    AND coalesce(u.connector, f.connector) = f.connector
WHERE f.kind = 'archive'
UNION ALL
SELECT file_id, participant_id, connector, sha256 FROM export_file WHERE kind = 'history';

CREATE OR REPLACE TEMP TABLE full_export AS
SELECT m.participant_id, m.connector, m.export, min(f.covers_from) AS covers_from, max(f.covers_to) AS covers_to,
       CASE WHEN count(*) = 1 THEN any_value(f.sha256) ELSE sha256(string_agg(f.sha256, '' ORDER BY f.sha256)) END
           AS hash
FROM full_export_file m JOIN export_file f USING (file_id)
GROUP BY m.participant_id, m.connector, m.export;

CREATE OR REPLACE TEMP TABLE superseded AS
WITH ranked AS (  -- a file is as new as the newest export that has it
    SELECT f.*, coalesce(w.reach, {'until': f.covers_to, 'hash': f.sha256}) AS reach, w.reach IS NULL AS is_alone
    FROM export_file f
    LEFT JOIN (
        SELECT m.file_id, max({'until': w.covers_to, 'hash': w.hash}) AS reach
        FROM full_export_file m JOIN full_export w USING (participant_id, connector, export)
        GROUP BY m.file_id
    ) w USING (file_id)
),
by_whole AS (
    SELECT c.file_id, c.device_id, c.metric, o.covers_from, o.covers_to
    FROM (
        SELECT old.file_id, w.covers_from, max(w.covers_to) AS covers_to
        FROM full_export w
        JOIN ranked old ON old.participant_id = w.participant_id AND old.connector = w.connector
            AND w.covers_from < old.covers_to AND w.covers_to > old.covers_from
            AND {'until': w.covers_to, 'hash': w.hash} > old.reach
        ANTI JOIN full_export_file m ON m.file_id = old.file_id AND m.connector = w.connector AND m.export = w.export
        GROUP BY old.file_id, w.covers_from
    ) o
    JOIN coverage c ON c.file_id = o.file_id
),
figure AS (
    SELECT f.file_id, f.connector, c.device_id, c.metric, c.covers_from, c.covers_to, f.reach, f.is_alone, f.sha256,
           c.metric = 'session' AND f.connector = 'fitbit_json' AS is_assumed
    FROM ranked f JOIN coverage c ON c.file_id = f.file_id
    WHERE f.kind IS DISTINCT FROM 'selection' AND c.metric NOT IN ('heart_rate', 'readings')
),
near AS (  -- files that follow each other without an overlap have nothing to do with each other
    SELECT *, sum(if(begins >= furthest, 1, 0)) OVER (PARTITION BY device_id, metric ORDER BY begins, file_id) AS island
    FROM (
        SELECT *, max(ends) OVER (PARTITION BY device_id, metric ORDER BY begins, file_id
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS furthest
        FROM (SELECT *, covers_from - slack AS begins, covers_to + slack AS ends
              FROM (
                  SELECT *, CASE WHEN metric = 'session' THEN INTERVAL 14 HOUR ELSE INTERVAL 0 HOUR END AS slack
                  FROM figure))
    )
),
by_figure AS (
    SELECT file_id, device_id, metric, new_from - slack AS covers_from, new_to + slack AS covers_to
    FROM (
        SELECT old.file_id, old.device_id, old.metric, old.covers_from, old.covers_to,
               new.covers_from AS new_from, new.covers_to AS new_to,
               CASE WHEN old.is_assumed AND NOT new.is_assumed THEN INTERVAL 14 HOUR ELSE INTERVAL 0 HOUR END AS slack
        FROM near old JOIN near new USING (device_id, metric, island)
        WHERE (NOT new.is_assumed, new.reach, new.covers_to, new.sha256)
            > (NOT old.is_assumed, old.reach, old.covers_to, old.sha256)
          AND (new.connector <> old.connector OR new.is_alone OR new.reach = old.reach)  -- else by_whole has it
    )
    WHERE new_from - slack < covers_to AND new_to + slack > covers_from
),
by_start AS (
    SELECT file_id, device_id, 'session' AS metric, start_time AS covers_from,
           start_time + INTERVAL 1 MILLISECOND AS covers_to
    FROM (
        SELECT DISTINCT s.file_id, s.device_id, s.start_time, f.covers_to, f.sha256
        FROM session s
        JOIN export_file f ON f.file_id = s.file_id AND f.kind = 'selection'
        JOIN device d ON d.device_id = s.device_id AND d.device_class <> 'self_report'
        WHERE s.start_time IS NOT NULL
    )
    QUALIFY row_number() OVER (PARTITION BY device_id, start_time ORDER BY covers_to DESC, sha256 DESC) > 1
)
-- stretches that touch each other are one
SELECT file_id, device_id, metric, min(covers_from) AS covers_from, max(covers_to) AS covers_to
FROM (
    SELECT *, sum(if(covers_from > furthest, 1, 0))  -- not count(*) FILTER, which is very slow over many rows
                OVER (PARTITION BY file_id, device_id, metric ORDER BY covers_from, covers_to) AS island
    FROM (
        SELECT *, max(covers_to) OVER (PARTITION BY file_id, device_id, metric ORDER BY covers_from, covers_to
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS furthest
        FROM (FROM by_whole UNION FROM by_figure UNION FROM by_start)
    )
)
GROUP BY file_id, device_id, metric, island;
