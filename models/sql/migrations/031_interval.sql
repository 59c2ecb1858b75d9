-- Between which numbers an estimated value lies (R11.12). NULL: not estimated, or not judged since.
ALTER TABLE goal_week ADD COLUMN interval_low DECIMAL(24, 6);
ALTER TABLE goal_week ADD COLUMN interval_high DECIMAL(24, 6);
ALTER TABLE verdict ADD COLUMN interval_low DECIMAL(24, 6);
ALTER TABLE verdict ADD COLUMN interval_high DECIMAL(24, 6);
