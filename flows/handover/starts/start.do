* A start in Stata, in the folder of a CSV hand-over. Notes: not run by our tests, for which there is no Stata.
* To go on from it, copy it elsewhere: a folder that somebody worked in is not replaced by the next hand-over.
* What each column means: README.md, codebook.csv. An empty cell is not known (. or ""), never 0.
* The files are UTF-8 without a byte order mark; dates come as text YYYY-MM-DD, booleans as "true" and "false".
version 16
import delimited using "person_day.csv", varnames(1) case(preserve) encoding("utf-8") bindquotes(strict) ///
    stringcols(1 2 3) clear

generate day = daily(local_date, "YMD")
format day %td
encode participant_id, generate(person)

* 0: the 14 days before the first infusion; 1, 2, ...: weeks after one, the days of them that count
generate period = 0 if phase == "before"
replace period = week if phase == "window" & counts == "true"
keep if !missing(period)
generate byte weekend = inlist(dow(day), 0, 6)

* First: what was not seen.
generate byte seen = day_state == "valid" & !missing(steps)
tabulate period seen, row

* Then: steps of a day that was seen; each person has a level of their own. It describes, without a comparison group.
mixed steps i.period i.weekend if seen || person:, reml

* Times (columns ending in _at, start_time, end_time) are UTC:
*   generate double at = clock(subinstr(subinstr(start_time, "T", " ", 1), "Z", "", 1), "YMDhms")
