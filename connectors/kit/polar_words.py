"""What Polar Flow calls the kinds of sport, in English."""

from __future__ import annotations

# Each sport of Polar Flow we know of, lower-cased, "_" as a space.
ACTIVITIES = {
    "walking": "walking, nordic walking, treadmill walking",
    "hiking": "hiking, backcountry hiking, snowshoe trekking, trekking, mountaineering",
    "running": "running, jogging, treadmill running, trail running, road running, track and field running, "
    "orienteering, ultra running",
    "cycling": "cycling, road biking, mountain biking, indoor cycling, road cycling, handcycling, spinning, e biking, "
    "gravel cycling, cyclocross",
    "swimming": "swimming, pool swimming, open water swimming, aqua fitness, water exercise, aquathlon swimming",
    "yoga": "yoga",
    "pilates": "pilates",
    "tai_chi": "tai chi, qi gong",
    "stretching": "stretching, mobility dynamic, mobility static, mobility, bodyandmind, cooldown, les mills "
    "bodybalance",
    "dance": "dancing, ballet dancing, ballroom dancing, jazz dancing, latin dancing, modern dancing, show dancing, "
    "street dancing, zumba, fitness dancing, aerobic dancing",
    "strength": "strength training, functional training, core, bodyweight training, weight training, weightlifting, "
    "les mills bodypump, kettlebell",
    "aerobics": "aerobics, step workout, group exercise, indoor rowing, rowing, crosstrainer, elliptical trainer, "
    "jumping rope, stair climbing, fitness martial arts, fitness step, trampolining, other indoor, "
    "les mills bodystep, les mills bodyattack, les mills bodycombat",
    "hiit": "circuit training, hiit, crossfit, bootcamp, les mills grit cardio, les mills sprint",
    "sport": "badminton, baseball, basketball, beach volley, bowling, boxing, kickboxing, climbing, climbing indoor, "
    "cricket, cross country skiing, classic xc skiing, freestyle xc skiing, curling, downhill skiing, disc golf, field "
    "hockey, finnish baseball, floorball, football, american football, futsal, golf, gymnastics, handball, ice hockey, "
    "ice skating, inline skating, judo, karate, taekwondo, martial arts, canoeing, kayaking, sup, sailing, surfing, "
    "kitesurfing, windsurfing, wakeboarding, waterskiing, padel, racket ball, riding, roller skating, roller skiing, "
    "rugby, skateboarding, skating, skiing, snowboarding, telemark skiing, biathlon, soccer, softball, squash, table "
    "tennis, tennis, triathlon, duathlon, ultimate, volleyball, wrestling, fencing, snorkeling, scuba diving",
    "breathwork": "breathing exercise",
    "meditation": "meditation",
    "other": "other, other outdoor, unknown, wheelchair racing, gardening",
}
