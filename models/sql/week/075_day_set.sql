-- Rule: R11.6, R8.2
-- Grain: one row per set of days of a week, 0 (no day) to 127 (all seven).
-- A set is a whole number of seven bits: bit 0 is the week's first day. What is asked of a set: how many days, the
-- first, the last, the longest unbroken run.
CREATE OR REPLACE TEMP TABLE day_set AS
SELECT
    days::UTINYINT AS days,
    bit_count(days)::INTEGER AS n_days,
    CASE WHEN days > 0 THEN bit_count((days & -days) - 1)::INTEGER END AS first_day,
    CASE WHEN days > 0 THEN length(bin(days))::INTEGER - 1 END AS last_day,
    -- the set, shifted over itself k - 1 times, still overlaps exactly if it holds a run of k days
    (days <> 0)::INTEGER
    + (days & (days >> 1) <> 0)::INTEGER
    + (days & (days >> 1) & (days >> 2) <> 0)::INTEGER
    + (days & (days >> 1) & (days >> 2) & (days >> 3) <> 0)::INTEGER
    + (days & (days >> 1) & (days >> 2) & (days >> 3) & (days >> 4) <> 0)::INTEGER
    + (days & (days >> 1) & (days >> 2) & (days >> 3) & (days >> 4) & (days >> 5) <> 0)::INTEGER
    + (days = 127)::INTEGER AS longest_run
FROM range(128) AS sets (days);
