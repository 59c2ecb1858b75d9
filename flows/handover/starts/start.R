# A start in R, in the folder of a hand-over (Parquet or CSV): Rscript start.R, or line by line.
# To go on from it, copy it elsewhere: a folder that somebody worked in is not replaced by the next hand-over.
# Needs lme4; for Parquet also arrow: install.packages(c("arrow", "lme4"))
library(lme4)

# One relation. Parquet brings its types along: minutes are numeric, codes are factors with all their codes.
# In CSV an empty cell is NA; there dates and codes come as text. What each column means: README.md, codebook.csv.
relation <- function(name) {
  parquet <- paste0(name, ".parquet")
  if (file.exists(parquet)) {
    if (!requireNamespace("arrow", quietly = TRUE)) stop("install.packages(\"arrow\"), or ask for the CSV hand-over")
    return(as.data.frame(arrow::read_parquet(parquet)))
  }
  file <- paste0(name, ".csv")
  ids <- grep("_id$", names(read.csv(file, nrows = 1)), value = TRUE)  # text, also where they look like numbers: 001
  rows <- read.csv(file, na.strings = "", encoding = "UTF-8", stringsAsFactors = FALSE,
                   colClasses = setNames(rep("character", length(ids)), ids))
  is_boolean <- vapply(rows, function(cells) all(cells %in% c("true", "false", NA)), logical(1))
  rows[is_boolean] <- lapply(rows[is_boolean], function(cells) cells == "true")
  rows
}

# Every person on every date, from 14 days before the first infusion on, whether or not anything was handed over.
days <- relation("person_day")
days$local_date <- as.Date(days$local_date)
phase <- as.character(days$phase)
days$period <- ifelse(phase == "before", "before", ifelse(phase == "window", paste("week", days$week), NA))
days <- days[!is.na(days$period) & (phase == "before" | days$counts), ]
weeks <- sort(unique(days$week[days$period != "before"]))
days$period <- factor(days$period, levels = c("before", paste("week", weeks)[seq_along(weeks)]))
days$weekend <- format(days$local_date, "%u") %in% c("6", "7")

# First: what was not seen. NA is not known, never 0, and those who go quiet may not be those who go on.
days$seen <- days$day_state == "valid" & !is.na(days$steps)
if (!any(days$seen, na.rm = TRUE)) stop("there is no day with steps that was seen", call. = FALSE)
missing <- aggregate(seen ~ period, days, function(x) c(days = length(x), seen = sum(x), share = round(mean(x), 2)))
print(missing)

# Then: steps of a day that was seen, by period against the days before; each person has a level of their own.
# It describes: there is no comparison group here, so it says nothing about what the infusion does.
seen <- days[days$seen %in% TRUE, ]
if (length(unique(seen$participant_id)) < 2 || length(unique(seen$period)) < 2)
  stop("too little for a model: it takes days that were seen of two people and of two periods", call. = FALSE)
model <- lmer(steps ~ period + weekend + (1 | participant_id), data = seen)
print(summary(model), correlation = FALSE)
cat("people:", ngrps(model)[["participant_id"]], " days:", nobs(model), "\n")

# Other formulas:
#   by infusion within person:   steps ~ period + weekend + (1 | participant_id/infusion_id)
#   neighbouring days are alike: nlme::lme(steps ~ period + weekend, random = ~ 1 | participant_id, data = seen,
#                                          correlation = nlme::corCAR1(form = ~ as.integer(local_date) | participant_id))
#   verdicts, week by week:      week <- subset(relation("goal_week"), status %in% c("met", "partly_met", "missed"))
#                                glmer(status == "met" ~ week + (1 | participant_id), data = week, family = binomial)
# A day may lie in the weeks of two infusions where study.csv says overlapping: never add weeks over infusions.
