-- Rule: R14.1
-- Grain: one value per call: a moment of the store, which is UTC without saying so, as one that says so.
-- AT TIME ZONE 'UTC' gives the same, and asks a calendar about every one.
CREATE OR REPLACE TEMP MACRO as_instant(t) AS make_timestamptz(epoch_us(t));
