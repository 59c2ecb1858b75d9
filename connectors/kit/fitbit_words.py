"""The words of the Fitbit app, the same in every form of its exports, and what else lies in them."""

from __future__ import annotations

# Each activity name of the Fitbit app we know of, lower-cased. Two are judgements: "Treadmill" is taken for a run, and
# "Workout" (whatever the person did) for aerobics. The name itself stays in `vendor_activity`.
ACTIVITIES = {
    "walking": "walk, outdoor walk, indoor walk, power walk, power walking, nordic walk, nordic walking, "
    "treadmill walk",
    "hiking": "hike, hiking, backpacking, rucking, snowshoeing, mountaineering",
    "running": "run, outdoor run, indoor run, running, jogging, trail run, treadmill, treadmill run, track run",
    "cycling": "bike, outdoor bike, indoor bike, stationary bike, spinning, cycling, mountain bike, mountain biking, "
    "electric bike, e-bike, handcycling, hand cycling",
    "swimming": "swim, swimming, open water swim, pool swim, water aerobics, aqua fitness",
    "yoga": "yoga, power yoga, hot yoga, bikram yoga, hatha yoga, vinyasa yoga",
    "pilates": "pilates, reformer pilates",
    "tai_chi": "tai chi, qigong, qi gong",
    "stretching": "stretching, stretch, flexibility, mobility, foam rolling, cooldown, cool down, warm up",
    "dance": "dance, dancing, dance fitness, ballroom dancing, zumba, ballet",
    "strength": "weights, weight machines, weightlifting, weight lifting, powerlifting, strength training, resistance "
    "training, free weights, bodyweight, calisthenics, core training, kettlebell, kettlebells",
    "aerobics": "aerobic workout, aerobics, step aerobics, step training, elliptical, stairclimber, stair climber, "
    "stair climbing, rowing machine, rowing, jump rope, jumping rope, barre, cross trainer, workout, structured "
    "workout, cardio, cardio workout, trampoline",
    "hiit": "hiit, interval workout, interval training, circuit training, bootcamp, boot camp, crossfit, cross "
    "training, functional training, tabata",
    "sport": "sport, sports, tennis, golf, martial arts, kickboxing, boxing, karate, judo, taekwondo, jiu jitsu, krav "
    "maga, badminton, squash, racquetball, table tennis, pickleball, padel, basketball, baseball, softball, "
    "soccer, football, american football, australian football, futsal, rugby, volleyball, beach volleyball, "
    "handball, hockey, field hockey, ice hockey, lacrosse, cricket, water polo, frisbee, disc golf, "
    "gymnastics, fencing, climbing, rock climbing, indoor climbing, bouldering, ski, skiing, downhill skiing, "
    "cross country skiing, cross-country skiing, snowboarding, skating, ice skating, rollerblading, inline "
    "skating, roller skating, skateboarding, surfing, windsurfing, kitesurfing, sailing, canoeing, kayaking, "
    "paddling, paddleboarding, stand up paddleboarding, water skiing, diving, snorkeling, horseback riding, "
    "bowling, triathlon, orienteering, parkour",
    "massage": "massage",
    "breathwork": "breathing, guided breathing, relax, breathe",
    "meditation": "meditating, meditation, mindfulness, mindful session",
    "other": "other, unknown, housework, cleaning, gardening, yard work, yardwork, wheelchair, fishing, hunting, "
    "driving",
}
ACTIVITY_OF = {name: activity for activity, names in ACTIVITIES.items() for name in names.split(", ")}

# What travels with these exports and holds nothing we need: by its header, or by its name inside a Takeout folder.
COMPANION_HEADERS = {
    ("timestamp", "steps", "distance millimeters"): "live pace: repeats the tracker's steps of an exercise",
    ("timestamp", "distance"): "distance",
    ("timestamp", "calories"): "calories",
    ("timestamp", "kilocalories"): "calories",
    ("timestamp", "floors"): "floors",
    ("sleep_id", "sleep_type"): "sleep",
    ("sleep_id", "sleep_stage_id"): "sleep",
    ("sleep_log_entry_id", "overall_score"): "sleep",
}
COMPANION_NAMES = {
    r"daily_": "a daily value of a family not needed here",
    r"resting_heart_rate": "a resting heart rate is a value, not a sign of wear",
    r"(user)?sleep|.*sleep score|.*(spo2|oxygen|respirat|snore|temperature|variability|hrv)": "sleep and night values",
    r"(distance|calories|floors|altitude|elevation|active_energy|swim_|sedentary|time_in_heart_rate_zone|calories_in_"
    r"|cardio_load|micro_|live_pace|demographic|run_vo2|badge|estimated_)": "a family not needed here",
    r"(weight|height|body|food|water|nutrition|menstrual|glucose|blood|ecg|afib|stress|mindful)": "health values",
    r"(coarse|weather|location)": "places: never read",
    r"(profile|devices|trackers|account|user(?!exercises)|coach|goal|app|calibration|weekly|workoutsummar|social"
    r"|friends|premium|notification|commerce|email)": "account settings",
}
