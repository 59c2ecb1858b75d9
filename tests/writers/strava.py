"""Writes Strava's list of activities, in its layouts and some of its languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass

OLD = "id,date,name,type,description,elapsed_time,distance,commute,gear,filename"
NEW = {
    "en": "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Commute,"
    "Activity Gear,Filename,Elapsed Time,Moving Time,Distance,Commute,Total Steps,Timer Time",
    "de": "Aktivitäts-ID,Aktivitätsdatum,Name der Aktivität,Aktivitätsart,Aktivitätsbeschreibung,Verstrichene Zeit,"
    "Distanz,Pendeln,Aktivitätsausrüstung,Dateiname,Verstrichene Zeit,Bewegungszeit,Distanz,Pendeln,Schritte insgesamt",
    "fr": "ID de l'activité,Date de l'activité,Nom de l'activité,Type d'activité,Description de l'activité,"
    "Temps écoulé,Distance,Déplacement-transport,Matériel utilisé pour l'activité,Nom du fichier,"
    "Temps écoulé,Durée de déplacement,Distance,Déplacement-transport",
}
ITALIAN = (  # the first columns, as they are in every language
    "ID attività,Data attività,Nome attività,Tipo di attività,Descrizione attività,Tempo trascorso,Distanza,FC max,"
    "Sforzo relativo,Tragitto,Nota privata,Attrezzatura,Nome file,Peso atleta,Peso bici,Tempo trascorso,"
    "Tempo in movimento,Distanza,Velocità max"
)


@dataclass(frozen=True)
class Activity:
    """One row; texts as the list has them."""

    date: str
    kind: str = "Walk"
    elapsed: object = 1800
    moving: object = 1700
    timer: object = ""
    steps: object = ""
    file: str = "activities/1.fit.gz"
    number: str = ""


def listing(rows: Iterable[Activity], language: str = "en") -> bytes:
    """`activities.csv` of 2026, shortened; descriptions go over two lines."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    header = NEW[language].split(",")
    out.writerow(header)
    for n, a in enumerate(rows):
        cells = [
            a.number or 9000 + n,
            a.date,
            "With Anna",
            a.kind,
            'Sunny,\n"warm"',
            a.elapsed,
            "2,81",
            "false",
            "",
            a.file,
        ]
        cells += [a.elapsed, a.moving, 2810.0, 0, a.steps, a.timer]
        out.writerow(cells[: len(header)])
    return text.getvalue().encode()


def old_listing(rows: Iterable[Activity]) -> bytes:
    """`activities.csv` of 2018."""
    lines = [OLD]
    lines += [f"{9000 + n},{a.date},With Anna,{a.kind},,{a.elapsed},2810.0,false,,{a.file}" for n, a in enumerate(rows)]
    return ("\n".join(lines) + "\n").encode()


def sample() -> dict[str, bytes]:
    """Both layouts; a walk, yoga entered by hand, and something unknown."""
    return {
        "export_1/activities.csv": listing(
            [
                Activity("Mar 9, 2026, 11:40:12\u202fPM", "Walk", 1800, 1700, steps="3104.0"),
                Activity("Mar 10, 2026, 12:15:00\u202fAM", "Yoga", 1200, 0, file=""),
                Activity("Mar 11, 2026, 12:15:00\u202fPM", "Lawn Darts", 600, 600, 590),
            ]
        ),
        "export_2/activities.csv": old_listing([Activity("2018-03-09 16:54:28", "Ride", 9462)]),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"strava": sample}
