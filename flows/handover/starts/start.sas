/* A start in SAS, in the folder of a CSV hand-over. Notes: not run by our tests, for which there is no SAS.
   To go on from it, copy it elsewhere: a folder that somebody worked in is not replaced by the next hand-over.
   What each column means: README.md, codebook.csv. An empty cell is not known (. or blank), never 0.
   The files are UTF-8 without a byte order mark; booleans come as the texts true and false. */
%let folder = .;
filename days "&folder/person_day.csv" encoding="utf-8";

/* guessingrows=max: a column whose first rows are empty would be taken for text */
proc import datafile=days out=person_day dbms=csv replace;
    guessingrows=max;
run;

/* 0: the 14 days before the first infusion; 1, 2, ...: weeks after one, the days of them that count */
data days_that_count;
    set person_day;
    if phase = "before" then period = 0;
    else if phase = "window" and counts = "true" then period = week;
    else delete;
    weekend = weekday(local_date) in (1, 7);
    seen = day_state = "valid" and not missing(steps);
run;

/* First: what was not seen. */
proc freq data=days_that_count;
    tables period * seen / nocol nopercent;
run;

/* Then: steps of a day that was seen; each person has a level of their own. It describes, without a comparison group. */
proc mixed data=days_that_count method=reml;
    where seen = 1;
    class participant_id period(ref="0") weekend(ref="0");
    model steps = period weekend / solution;
    random intercept / subject=participant_id;
run;

/* Times (columns ending in _at, start_time, end_time) are UTC: input(start_time, e8601dz27.6) where they came as text. */
