-- How a date such as 03/04/2026 is read is published with the study's other settings.
ALTER TABLE study ADD COLUMN dates TEXT;
