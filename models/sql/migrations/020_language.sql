-- In which language a person's letter is written. NULL: en, until the next night reads participants.csv.
ALTER TABLE participant ADD COLUMN language TEXT;
