-- as_instant(t): the store's moments are UTC without saying so; what is published says so. (AT TIME ZONE 'UTC' says the same,
-- and asks a calendar about every one.)
CREATE OR REPLACE TEMP MACRO as_instant(t) AS make_timestamptz(epoch_us(t));
