-- Why a day is to be resolved again, and with it why a verdict may change: late_data, corrected_data, file_moved,
-- file_unloaded, zone_changed, participant_changed, code_changed. NULL: a day that was stale before this was written down.
ALTER TABLE stale_day ADD COLUMN cause TEXT;
ALTER TABLE unjudged_day ADD COLUMN cause TEXT;
