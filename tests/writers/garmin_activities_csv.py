"""Writes the list of activities of Garmin Connect, in any of its languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

HEADERS = {
    "en": "Activity Type,Date,Favorite,Title,Distance,Calories,Time,Avg HR,Steps,Elapsed Time",
    "de": "Aktivitätstyp,Datum,Favorit,Titel,Distanz,Kalorien,Zeit,Ø Herzfrequenz,Schritte,Verstrichene Zeit",
    "fr": "Type d'activité,Date,Favori,Titre,Distance,Calories,Durée,Fréquence cardiaque moyenne,Pas,Temps écoulé",
    "pt": "Tipo de atividade,Data,Favorito,Título,Distância,Calorias,Tempo,FC Média,Passos,Duração",
    "it": "Tipo di attività,Data,Preferito,Titolo,Distanza,Calorie,Tempo,FC media,Passi,Tempo trascorso",
    "nl": "Activiteittype,Datum,Favoriet,Titel,Afstand,Calorieën,Tijd,Gem. HS,Stappen,Verstreken tijd",
    "es": "Tipo de actividad,Fecha,Favorito,Título,Distancia,Calorías,Tiempo,FC media,Pasos,Tiempo transcurrido",
    "sv": "Aktivitetstyp,Datum,Favorit,Namn,Distans,Kalorier,Tid,Medelpuls,Steg,Total tid",
    "da": "Aktivitetstype,Dato,Favorit,Titel,Distance,Kalorier,Tid,Gennemsnitlig puls,Skridt,Tidsforbrug",
    "nb": "Aktivitetstype,Dato,Favoritt,Tittel,Avstand,Kalorier,Tid,Gjennomsnittlig puls,Skritt,Medgått tid",
    "hu": "Tevékenység típusa,Dátum,Kedvenc,Cím,Távolság,Kalóriaszám,Idő,Átlagos pulzusszám,Lépések,Eltelt idő",
    "pl": "Typ aktywności,Data,Ulubiony,Tytuł,Dystans,Kalorie,Czas,Średnie tętno,Kroki,Upłynęło czasu",
}


@dataclass(frozen=True)
class Activity:
    """One row: text as the website writes it."""

    kind: str
    date: str
    time: str = "00:30:00"
    steps: str = "--"
    elapsed: str = "00:31:00"
    distance: str = "5.48"


def listing(rows: Iterable[Activity], language: str = "en", header: str | None = None) -> bytes:
    """`Activities.csv`: the first three cells bare, all others in quotes."""
    lines = [header or HEADERS[language]]
    for a in rows:
        cells = ["Anna, with dog", a.distance, "447", a.time, "105", a.steps, a.elapsed]
        lines.append(f"{a.kind},{a.date},false," + ",".join(f'"{cell}"' for cell in cells))
    return ("\n".join(lines) + "\n").encode()


def sample() -> dict[str, bytes]:
    """An English and a Portuguese list, the newest first."""
    return {
        "Activities.csv": listing(
            [
                Activity("Yoga", "2026-03-10 18:30:00", "00:20:08.2", elapsed="00:20:08"),
                Activity("Walking", "2026-03-09 23:45:00", "00:30:00", "3,104"),
                Activity("Lawn Darts", "2026-03-08 09:00:00", elapsed="--"),
            ]
        ),
        "Activities (1).csv": listing(
            [Activity("Caminhada", "2026-03-07 10:00:00", "00:45:00", "4.410", "01:02:03", "3,80")], "pt"
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"garmin_activities_csv": sample}
