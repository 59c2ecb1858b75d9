"""What Strava calls columns, activities and months, in the languages that are known."""

from __future__ import annotations

# Our name for a column: how it is spelled. The second column of a name keeps its place in the order.
COLUMNS = {
    "id": ("Activity ID", "id", "Aktivitäts-ID", "ID de l'activité", "ID de actividad", "ID da atividade"),
    "date": (
        "Activity Date", "date", "Aktivitätsdatum", "Date de l'activité", "Fecha de la actividad", "Data da atividade",
    ),
    "name": (
        "Activity Name", "name", "Name der Aktivität", "Nom de l'activité", "Nombre de la actividad",
        "Nome da atividade",
    ),
    "type": (
        "Activity Type", "type", "Aktivitätsart", "Type d'activité", "Tipo de actividad", "Tipo de atividade",
    ),
    "elapsed": (
        "Elapsed Time", "elapsed_time", "Verstrichene Zeit", "Temps écoulé", "Tiempo transcurrido", "Tempo decorrido",
    ),
    "moving": (
        "Moving Time", "Bewegungszeit", "Durée de déplacement", "Tiempo en movimiento", "Tempo de movimentação",
    ),
    "timer": ("Timer Time",),
    "filename": (
        "Filename", "Dateiname", "Nom du fichier", "Nombre del archivo", "Nombre de archivo", "Nome do arquivo",
    ),
    "steps": ("Total Steps", "Schritte insgesamt"),
    "distance": ("Distance", "Distanz", "Distancia", "Distância"),
    "description": (
        "Activity Description", "description", "Aktivitätsbeschreibung", "Description de l'activité",
        "Descripción de la actividad", "Descrição da atividade",
    ),
    "commute": ("Commute", "Pendeln", "Déplacement-transport"),
    "gear": ("Activity Gear", "gear", "Aktivitätsausrüstung", "Matériel utilisé pour l'activité"),
}  # fmt: skip

# Columns that are not used.
UNUSED = """Max Heart Rate | Relative Effort | Activity Private Note | Athlete Weight | Bike Weight | Max Speed |
Average Speed | Elevation Gain | Elevation Loss | Elevation Low | Elevation High | Max Grade | Average Grade |
Average Positive Grade | Average Negative Grade | Max Cadence | Average Cadence | Average Heart Rate | Max Watts |
Average Watts | Calories | Max Temperature | Average Temperature | Total Work | Number of Runs | Uphill Time |
Downhill Time | Other Time | Perceived Exertion | Type | Start Time | Weighted Average Power | Power Count |
Prefer Perceived Exertion | Perceived Relative Effort | Total Weight Lifted | From Upload | Grade Adjusted Distance |
Weather Observation Time | Weather Condition | Weather Temperature | Apparent Temperature | Dewpoint | Humidity |
Weather Pressure | Wind Speed | Wind Gust | Wind Bearing | Precipitation Intensity | Sunrise Time | Sunset Time |
Moon Phase | Bike | Gear | Precipitation Probability | Precipitation Type | Cloud Cover | Weather Visibility |
UV Index | Weather Ozone | Jump Count | Total Grit | Average Flow | Flagged | Average Elapsed Speed | Dirt Distance |
Newly Explored Distance | Newly Explored Dirt Distance | Activity Count | Carbon Saved | Pool Length | Training Load |
Intensity | Average Grade Adjusted Pace | Total Cycles | Recovery | With Pet | Competition | Long Run | For a Cause |
With Kid | Downhill Distance | Total Sets | Total Reps | Media |
Max. Herzfrequenz | Relative Leistung | Hinweis zur Privatsphäre für Aktivitäten | Sportlergewicht | Fahrradgewicht |
Höchstgeschw. | Durchschnittliche Geschwindigkeit | Höhenzunahme | Höhenunterschied | Min. Höhe | Max. Höhe |
Max. Steigung | Durchschnittliche Steigung | Durchschnittliche positive Steigung | Durchschnittliche negative Steigung |
Max. Tritt-/Schrittfrequenz | Durchschnittliche Trittfrequenz | Durchschnittliche Herzfrequenz | Max. Watt |
Durchschnittliche Watt | Kalorien | Max. Temperatur | Durchschnittliche Temperatur | Gesamtarbeit | Anzahl Läufe |
Bergaufzeit | Bergabzeit | Andere Zeit | Gefühlte Anstrengung | Art | Startzeit |
Gewichtete durchschnittliche Leistung | Leistungszahl | Gefühlte Anstrengung verwenden | Gefühlte relative Leistung |
Insgesamt gestemmtes Gewicht | Von Upload | Auf Steigung angepasste Distanz | Wetterbeobachtungszeit | Wetterlage |
Wetter: Temperatur | Scheinbare Temperatur | Taupunkt | Luftfeuchtigkeit | Wetter: Druck | Windgeschwindigkeit |
Windböe | Windrichtung | Niederschlagsintensität | Sonnenaufgangszeit | Sonnenuntergangszeit | Mondphase | Fahrrad |
Ausrüstung | Niederschlagswahrscheinlichkeit | Niederschlagsart | Wolkendecke | Wetter: Sichtbarkeit | UV-Index |
Wetter: Ozon | Sprunganzahl | Schwierigkeit insgesamt | Durchschnittlicher Flow | Markiert |
Durchschnittsgeschwindigkeit im Aufzeichnungszeitraum | Auf Schotter zurückgelegte Distanz | Neu getestete Distanz |
Neu getestete Schotterdistanz | Aktivitätsanzahl | Eingesparte CO₂-Emissionen | Pool-Länge | Trainingsbelastung |
Intensität | Durchschnittliches auf Steigung angepasstes Tempo | Medien |
Fréquence cardiaque max. | Effort relatif | Note privée sur les activités | Poids de l'athlète | Poids du vélo |
Vitesse max. | Vitesse moyenne | Dénivelé positif""".replace("\n", " ").split(" | ")

# Kinds of activity, lower-cased, spaces and hyphens left out.
ACTIVITIES = {
    "walking": "walk, spaziergang, gehen, marche, marcheàpied, caminata, caminar, paseo, caminhada, "
    "camminata, wandeling, wandelen",
    "hiking": "hike, snowshoe, wanderung, wandern, schneeschuhwandern, schneeschuhwanderung, randonnée, raquettes, "
    "randonnéeàpied, randonnéepédestre, senderismo, excursión, raquetasdenieve, trilha",
    "running": "run, trailrun, virtualrun, lauf, traillauf, traillaufen, virtuellerlauf, courseàpied, trail, "
    "coursevirtuelle, carrera, carreratrail, carreravirtual, carrerademontaña, corrida, corridavirtual, "
    "corridaemtrilha, corsa, hardloop, hardlopen",
    "cycling": "ride, virtualride, mountainbikeride, gravelride, ebikeride, emountainbikeride, velomobile, "
    "handcycle, radfahrt, virtuelleradfahrt, virtuellesradfahren, mountainbikefahrt, mountainbiken, "
    "gravelfahrt, gravelradfahrt, ebikefahrt, emountainbikefahrt, vélo, sortievélo, vélovirtuel, vtt, "
    "gravel, vélodegravel, véloélectrique, vttélectrique, bicicleta, ciclismo, ciclismovirtual, "
    "bicicletavirtual, bicicletademontaña, bicicletaeléctrica, pedalada, pedaladavirtual, "
    "pedalademountainbike, giroinbici, pedalata, fietsrit, fietstocht, fietsen",
    "swimming": "swim, schwimmen, natation, natación, natação, nuoto, nuotata, zwemmen",
    "yoga": "yoga, ioga",
    "pilates": "pilates",
    "dance": "dance, tanzen, tanz, danse, baile, dança",
    "strength": "weighttraining, gewichtstraining, krafttraining, musculation, entraînementauxpoids, "
    "entrenamientoconpesas, pesas, entrenamientodefuerza, treinamentocompesos, treinocompesos, musculação",
    "aerobics": "workout, elliptical, stairstepper, virtualrow, training, ellipsentrainer, crosstrainer, stepper, "
    "treppensteiger, entraînement, elliptique, véloelliptique, entrenamiento, elíptica, "
    "simuladordeescaleras, treino, elíptico, simuladordeescada",
    "hiit": "crossfit, highintensityintervaltraining, hiit, hochintensivesintervalltraining",
    "sport": "alpineski, backcountryski, nordicski, rollerski, snowboard, iceskate, inlineskate, skateboard, "
    "canoeing, kayaking, rowing, standuppaddling, surfing, kitesurf, windsurf, sail, rockclimbing, golf, "
    "soccer, tennis, badminton, squash, tabletennis, pickleball, padel, racquetball, basketball, "
    "volleyball, cricket, boxing, martialarts, skialpin, skifahren, skitour, skilanglauf, langlauf, "
    "eislaufen, inlineskaten, rudern, kajakfahren, kanufahren, klettern, fußball, tischtennis, segeln, "
    "surfen, skidefond, skidefondnordique, skiderandonnée, patinage, patinàglace, rollers, canoë, "
    "canoëkayak, kayak, aviron, escalade, football, tennisdetable, voile, esquíalpino, esquínórdico, "
    "patinajesobrehielo, patinajeenlínea, piragüismo, remo, escalada, fútbol, tenis, vela, esquialpino, "
    "caiaque, futebol",
    "other": "wheelchair, physicaltherapy, other",
}

# January to December, as the languages write and shorten them.
MONTHS = (
    "jan january januar jän jänner janv janvier ene enero janeiro gen gennaio",
    "feb february februar févr fév fevr février febrero fev fevereiro febbraio",
    "mar march märz mär mrz mars marzo março marco maart mrt",
    "apr april avr avril abr abril aprile",
    "may mai mayo maio mag maggio mei maj",
    "jun june juni juin junio junho giu giugno",
    "jul july juli juil juillet julio julho lug luglio",
    "aug august août aout ago agosto augustus",
    "sep sept september septembre septiembre set setembro settembre",
    "oct october okt oktober octobre octubre out outubro ott ottobre",
    "nov november novembre noviembre novembro",
    "dec december dez dezember déc décembre dic diciembre dezembro dicembre",
)
