-- The ledger has the files of `followed` where they lie now.
UPDATE source_file AS t SET path = f.path, modified_ns = f.modified_ns, export = f.bundle
FROM followed f WHERE t.file_id = f.file_id;
UPDATE rejection AS t SET path = f.path
FROM followed f WHERE t.participant_id = f.participant_id AND t.path = f.path_before AND t.sha256 = f.sha256;
DELETE FROM source_file WHERE file_id IN (SELECT duplicate FROM followed);
DELETE FROM absent WHERE file_id IN (SELECT file_id FROM followed);
