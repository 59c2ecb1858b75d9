-- Rule: R14.9
-- Grain: one row per relation, column and code.
-- Its rows come with it, from models/codes.py: they are of the form of this file, not of a run.
CREATE TABLE out.code (
    relation VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    meaning VARCHAR NOT NULL,
    PRIMARY KEY (relation, column_name, code)
);

COMMENT ON TABLE out.code IS 'What each code means that a column of this file can hold: states, reasons, causes, flags, classes. One row per relation, column_name, code.';
COMMENT ON COLUMN out.code.relation IS 'The relation.';
COMMENT ON COLUMN out.code.column_name IS 'Its column. Where one text joins several codes by ; each has a row of its own.';
COMMENT ON COLUMN out.code.code IS 'The code, as it stands there.';
COMMENT ON COLUMN out.code.meaning IS 'What it means.';
