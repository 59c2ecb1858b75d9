-- Files together may say more steps of a day than 32 bits hold, whatever each of them is allowed to say.
ALTER TABLE day ALTER COLUMN steps TYPE BIGINT;
ALTER TABLE source_day ALTER COLUMN steps TYPE BIGINT;
