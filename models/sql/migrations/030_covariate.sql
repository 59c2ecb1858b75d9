-- Columns of the clinic's own in participants.csv and infusions.csv.
CREATE TABLE covariate (participant_id TEXT, infusion_id TEXT, name TEXT, value TEXT, number DECIMAL(18, 9), date DATE);
