-- in_minutes(ms): the store keeps milliseconds; what is published has minutes, to a thousandth. NULL stays NULL. No
-- number of milliseconds is too large.
CREATE OR REPLACE TEMP MACRO in_minutes(ms) AS round(ms / 60000, 3)::DECIMAL(18, 3);
