-- What a file says itself (a header, a figure) stands beside the reason of its rejection, no longer in it: the reason is
-- published. It is for the person who mends the file.
ALTER TABLE rejection ADD COLUMN words TEXT;
UPDATE rejection SET words = regexp_extract(reason, '''(.*)''[^'']*, expected ', 1)
WHERE sha256 IS NOT NULL AND reason LIKE '%''%, expected %';
UPDATE rejection SET reason = regexp_replace(
    regexp_replace(reason, '(one called )?''.*''([^'']*, expected )', 'another\2'),
    '^found [-+0-9.e]+( steps)?, ', 'found another, ')
WHERE sha256 IS NOT NULL;
-- the name of a column may have been the file's
UPDATE rejection SET place = regexp_replace(place, '(,? ?column) .*', '\1') WHERE sha256 IS NOT NULL;
UPDATE session SET vendor_activity = regexp_replace(vendor_activity, '[\p{C}\p{Zl}\p{Zp}]', '', 'g')
WHERE regexp_matches(vendor_activity, '[\p{C}\p{Zl}\p{Zp}]');
