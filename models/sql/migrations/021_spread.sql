-- How the movement of a week is spread over its days. NULL: not known, also of weeks that were not judged since.
ALTER TABLE kept_activity ADD COLUMN active_days INTEGER;
ALTER TABLE kept_activity ADD COLUMN longest_run_days INTEGER;
ALTER TABLE kept_activity ADD COLUMN top2_share DECIMAL(24, 6);
