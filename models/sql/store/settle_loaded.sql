-- After the inbox was read anew: a content keeps the time it was first loaded at, and the days of one that is no longer
-- loaded are resolved again for what it is: moved, or gone on purpose. `elsewhere`: contents of other shards.
UPDATE source_file AS f SET first_seen_at = b.first_seen_at, loaded_at = b.loaded_at
FROM loaded_before b WHERE f.participant_id = b.participant_id AND f.sha256 = b.sha256 AND f.status = 'loaded';
INSERT INTO stale_day
SELECT participant_id, unnest(generate_series(covers_from - 1, covers_to + 1, INTERVAL 1 DAY))::DATE,
       CASE WHEN sha256 IN (SELECT sha256 FROM source_file) OR sha256 IN (FROM elsewhere)
            THEN 'file_moved' ELSE 'file_unloaded' END
FROM loaded_before b
WHERE (participant_id, sha256) NOT IN (SELECT (participant_id, sha256) FROM source_file);
DELETE FROM loaded_before;
