-- How many files that were known at an instant are nowhere any more: written over, moved to somebody else, or unloaded
-- since. Parameters: until.
SELECT count(*) FROM source_file old
WHERE old.loaded_at <= $until AND (
    old.status = 'withdrawn' AND coalesce(old.out_at > $until, EXISTS (  -- stores of older versions have no such time
        FROM source_file new WHERE new.file_id <> old.file_id AND new.loaded_at > $until AND (
            (new.participant_id = old.participant_id AND new.path = old.path)
            OR (new.participant_id <> old.participant_id AND new.sha256 = old.sha256))))
    OR old.status = 'unloaded' AND EXISTS (
        FROM unloaded u
        WHERE u.participant_id = old.participant_id AND u.sha256 = old.sha256 AND u.unloaded_at > $until))
