"""What Garmin Connect calls the columns and the activities of its list, in the languages that are known."""

from __future__ import annotations

# What each column means, by language. `timer` leaves pauses out, `elapsed` does not.
LANGUAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "type": ("Activity Type",), "date": ("Date",), "favorite": ("Favorite",), "title": ("Title",),
        "calories": ("Calories",), "timer": ("Time", "Activity Time"), "elapsed": ("Elapsed Time",),
        "steps": ("Steps",),
    },
    "de": {
        "type": ("Aktivitätstyp",), "date": ("Datum",), "favorite": ("Favorit",), "title": ("Titel",),
        "calories": ("Kalorien",), "timer": ("Zeit",), "elapsed": ("Verstrichene Zeit",), "steps": ("Schritte",),
    },
    "fr": {
        "type": ("Type d'activité", "Type d’activité"), "date": ("Date",), "favorite": ("Favori",), "title": ("Titre",),
        "calories": ("Calories",), "timer": ("Durée",), "elapsed": ("Temps écoulé",), "steps": ("Pas",),
    },
    "pt": {
        "type": ("Tipo de atividade",), "date": ("Data",), "favorite": ("Favorito",), "title": ("Título",),
        "calories": ("Calorias",), "timer": ("Tempo",), "elapsed": ("Duração", "Tempo decorrido"),
        "steps": ("Passos",),
    },
    "es": {
        "type": ("Tipo de actividad",), "date": ("Fecha",), "favorite": ("Favorito",), "title": ("Título",),
        "calories": ("Calorías",), "timer": ("Tiempo",), "elapsed": ("Tiempo transcurrido",), "steps": ("Pasos",),
    },
}  # fmt: skip
TELLING = ("type", "date", "favorite", "title", "calories", "timer")
NEEDED = ("type", "date", "timer")

# Columns that are not used.
UNUSED = """Distanz |
Ø Herzfrequenz | Maximale Herzfrequenz | Ø Schrittfrequenz (Laufen) | Max. Schrittfrequenz (Laufen) |
Ø Pace | Beste Pace | Anstieg gesamt | Abstieg gesamt | Ø Schrittlänge | Durchschnittliches vertikales Verhältnis |
Ø vertikale Bewegung | Ø Bodenkontaktzeit | Training Stress Score® | Ø Leistung | Max. Leistung | Grit | Flow |
Ø Swolf | Ø Schlagrate | Wiederholungen insgesamt | Tauchzeit | Minimale Temperatur | Oberflächenpause |
Dekompression | Beste Rundenzeit | Anzahl der Runden | Maximale Temperatur | Zeit in Bewegung | Minimale Höhe |
Maximale Höhe | Distance | Avg HR | Max HR | Aerobic TE | Avg Run Cadence | Max Run Cadence | Avg Pace | Best Pace |
Total Ascent | Total Descent | Avg Stride Length | Avg Vertical Ratio | Avg Vertical Oscillation |
Avg Ground Contact Time | Avg GAP | Normalized Power® (NP®) | Avg Power | Max Power | Total Reps | Total Sets |
Decompression | Best Lap Time | Number of Laps | Moving Time | Min Elevation | Max Elevation | Body Battery Drain |
Min Temp | Max Temp | Fréquence cardiaque moyenne | Fréquence cardiaque maximale | TE aérobie |
Cadence de course moyenne | Ascension totale | Descente totale | Consommation du Body Battery | Température minimale |
Temps de déplacement | Distância | FC Média | FC máxima | Training Effect Aeróbico | Velocidade média |
Velocidade máxima | Subida total | Descida total | Comprimento médio da passada | Proporção de média vertical |
Oscilação vertical média | Cadência bicicleta média | Cadência de bicicleta máxima | Equilíbrio E/D |
Máximo de potência média (20 minutos) | Potência média | Energia máxima | Granularidade | Fluxo | Total de braçadas |
Tempo de mergulho | Temp mínima | Intervalo de superfície | Descompressão | Tempo da melhor volta | Número de voltas |
Temp máxima | Resposta média | Resposta mínima | Resposta máxima | Tempo em movimento | Elevação mínima |
Elevação máxima | Cadência de corrida média | Cadência de corrida máxima | Ritmo médio | Melhor ritmo |
Tempo médio de contato com o solo | Equilíbrio de GCT médio | Média de Swolf | Taxa média de braçadas |
Avg Bike Cadence | Max Bike Cadence | Avg Speed | Max Speed | Elev Gain | Elev Loss | Avg Swolf | Avg Stroke Rate |
Total Strokes | Climb Time | Bottom Time | Surface Interval | Dive Time | Max Avg Power (20 min) | L/R Balance |
Avg GCT Balance | Avg Resp | Min Resp | Max Resp | Avg Stress | Max Stress | Stress Change | Stress Start |
Stress End | Run Time | Walk Time | Avg Moving Pace | Ø HF | Max. HF | Aerober TE | Ø Geschwindigkeit |
Maximale Geschwindigkeit | Positiver Höhenunterschied | Negativer Höhenunterschied | Body Battery Abnahme |
Durchschnittlicher Stress | Maximaler Stress | Sätze insgesamt | Ø Atemfrequenz | Minimale Atemfrequenz |
Maximale Atemfrequenz | Ø Trittfrequenz | Maximale Trittfrequenz | Cadence de course maximale | Allure moyenne |
Meilleure allure | Longueur moyenne des foulées | Rapport vertical moyen | Oscillation verticale moyenne |
Temps moyen de contact au sol | GAP moyenne | Training Stress Score® (TSS®) | Puissance moyenne | Puissance max. |
Décompression | Temps du meilleur circuit | Nombre de tours | Stress moyen | Stress maximal | Température maximale |
Altitude minimale | Altitude maximale | Vitesse moyenne | Vitesse maximale | Répétitions totales | Séries totales |
Distancia | FC media | Frecuencia cardiaca media | Frecuencia cardiaca máxima | TE aeróbico |
Cadencia de carrera media | Cadencia de carrera máxima | Ritmo medio | Ritmo óptimo | Mejor ritmo | Ascenso total |
Descenso total | Longitud media de zancada | Relación vertical media | Oscilación vertical media |
Tiempo medio de contacto con el suelo | Potencia media | Potencia máxima | Descompresión | Mejor tiempo de vuelta |
Número de vueltas | Tiempo en movimiento | Altura mínima | Altura máxima | Temperatura mínima | Temperatura máxima |
Velocidad media | Velocidad máxima | Repeticiones totales | Total de series""".replace("\n", " ").split(" | ")

# The names of activities, lower-cased. What is missing here becomes `other`.
ACTIVITIES = {
    "walking": "walking, casual walking, speed walking, indoor walking, gehen, indoor-gehen, spazierengehen, walken, "
    "nordic walking, marche à pied, marche, marche rapide, marche en intérieur, marche en salle, "
    "caminhada, caminhada em local fechado, caminar, caminata, andar, caminar en interiores, caminata en "
    "interiores, camminata, wandelen",
    "hiking": "hiking, mountaineering, snowshoeing, rucking, wandern, bergsteigen, schneeschuhwandern, randonnée, "
    "alpinisme, raquettes, trilha, trilhas, montanhismo, senderismo, montañismo, alpinismo, raquetas de "
    "nieve, escursionismo",
    "running": "running, street running, track running, trail running, treadmill running, indoor running, virtual "
    "running, virtual run, ultra running, obstacle racing, laufen, straßenlauf, bahnlauf, laufen auf der "
    "bahn, trailrunning, trail-lauf, traillauf, laufbandtraining, laufband, indoor-laufen, virtuelles "
    "laufen, ultralauf, course à pied, course à pied urbaine, course à pied sur piste, course à pied sur "
    "tapis roulant, course à pied en salle, trail, ultrafond, course virtuelle, course d'obstacles, "
    "corrida, corrida de rua, corrida em pista, corrida em esteira, corrida em trilha, corrida em local "
    "fechado, corrida virtual, ultracorrida, carrera, correr, carrera en calle, carrera en pista, carrera "
    "en cinta, carrera por montaña, carrera de montaña, carrera en interiores, carrera virtual, "
    "corsa, hardlopen",
    "cycling": "cycling, road cycling, road biking, mountain biking, gravel/unpaved cycling, gravel cycling, indoor "
    "cycling, virtual cycling, virtual ride, ebiking, emountain biking, e-biking, bmx, cyclocross, "
    "downhill biking, recumbent cycling, track cycling, hand cycling, indoor hand cycling, radfahren, "
    "rennradfahren, rennrad, mountainbiken, gravel/offroad-radfahren, gravel-radfahren, indoor-radfahren, "
    "indoor-rad, virtuelles radfahren, e-bike-fahren, e-mountainbike-fahren, bahnradfahren, handbike, "
    "cyclisme, cyclisme sur route, cyclisme sur piste, cyclisme virtuel, vtt, vtt électrique, vtt enduro, "
    "vélo électrique, vélo d'intérieur, gravel bike, gravel, ciclismo, ciclismo em estradas, ciclismo na "
    "montanha, ciclismo em local fechado, ciclismo em pista, ciclismo virtual, mountain bike, bicicleta "
    "elétrica, ciclismo en carretera, ciclismo de carretera, ciclismo de montaña, ciclismo en interiores, "
    "ciclismo en pista, bicicleta eléctrica, ciclocross, ciclismo en sala, fietsen",
    "swimming": "swimming, pool swim, pool swimming, lap swimming, open water swimming, open water swim, schwimmen, "
    "schwimmbadschwimmen, bahnenschwimmen, freiwasserschwimmen, freiwasser, natation, natation en "
    "piscine, nat. piscine, natation en eau libre, nat. eau libre, natação, natação em piscina, natação "
    "em alto mar, natação em águas abertas, natación, natación en piscina, natación en aguas abiertas, "
    "nuoto, zwemmen",
    "yoga": "yoga, ioga",
    "pilates": "pilates",
    "tai_chi": "tai chi",
    "stretching": "mobility, mobilität, beweglichkeit, mobilité, mobilidade, movilidad, stretching, dehnen, étirements",
    "dance": "dance, dancing, tanzen, tanz, danse, dança, baile, danza",
    "strength": "strength training, strength, krafttraining, musculation, renforcement musculaire, treinamento de "
    "força, treino de força, musculação, força, entrenamiento de fuerza, fuerza, musculación, "
    "allenamento della forza, krachttraining",
    "aerobics": "cardio, elliptical, stair stepper, stair climbing, floor climb, indoor rowing, jump rope, fitness "
    "equipment, gym & fitness equipment, crosstrainer, ellipsentrainer, stepper, treppensteigen, "
    "indoor-rudern, seilspringen, fitnessgeräte, elliptique, vélo elliptique, montée d'escaliers, aviron "
    "d'intérieur, rameur, saut à la corde, elíptico, subida de escadas, remo em local fechado, pular "
    "corda, cárdio, elíptica, escaladora, subir escaleras, remo en interiores, remo indoor, saltar a la "
    "comba, comba",
    "hiit": "hiit, crossfit, bootcamp",
    "sport": "kayaking, rowing, golf, tennis, padel, pickleball, badminton, squash, table tennis, soccer, "
    "basketball, volleyball, rugby, boxing, mixed martial arts, bouldering, indoor climbing, rock "
    "climbing, resort skiing, resort skiing/snowboarding, skiing, snowboarding, backcountry skiing, cross "
    "country classic skiing, cross country skate skiing, skate skiing, ice skating, inline skating, "
    "horseback riding, sailing, surfing, stand up paddleboarding, kiteboarding, windsurfing, multisport, "
    "triathlon, diving, rudern, kajakfahren, tischtennis, fußball, skifahren, skilanglauf, "
    "skifahren/snowboarden, klettern, indoor-klettern, reiten, segeln, boxen, eislaufen, inlineskaten, "
    "aviron, kayak, football, tennis de table, ski, ski de fond, ski alpin, escalade, escalade en salle, "
    "équitation, voile, boxe, patinage, remo, caiaque, futebol, tênis, esqui, escalada, equitação, surfe, "
    "fútbol, tenis, esquí, piragüismo, equitación, boxeo, pádel, patinaje, voleibol, baloncesto, basquete",
    "breathwork": "breathwork, atemübungen, atemtraining, respiration, exercices de respiration, respiração, "
    "respiración",
    "meditation": "meditation, méditation, meditação, meditación",
    "other": "other, sonstige, andere, autre, outro, outros, otro, otros, transition, fishing, hunting, motorcycling",
}
