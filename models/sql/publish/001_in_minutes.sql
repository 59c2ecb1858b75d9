-- in_minutes(ms): the store keeps milliseconds; what is published has minutes, to a thousandth. NULL stays NULL.
CREATE OR REPLACE TEMP MACRO in_minutes(ms) AS round(ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3);
