"""What Apple's apps call the kinds of workout in other languages.

English is in kit/apple.py. Names are compared without accents, capitals and spaces, and without the words for
"outdoor" and "indoor" behind them. What is not here becomes "other" and keeps its name.
"""

from __future__ import annotations

import re

from connectors.kit.apple import activity_of, plain

# Spanish, German, French, Portuguese
_WORDS = {
    "walking": "caminar, caminata, paseo, marcha, andar; gehen, spazieren, spaziergang; marche, marche à pied; "
    "caminhada, caminhar",
    "hiking": "senderismo, excursionismo; wandern, wanderung; randonnée, randonnée pédestre; trilha, caminhada na "
    "natureza",
    "running": "correr, carrera; laufen, lauf; course, course à pied, courir; corrida",
    "cycling": "ciclismo, bicicleta, bici, bicicleta de mano; radfahren, rad, handbike; cyclisme, vélo; pedalar, "
    "bicicleta manual",
    "swimming": "natación, nadar, natación en piscina, natación en aguas abiertas; schwimmen, beckenschwimmen, "
    "freiwasserschwimmen; natation, nage en piscine, nage en eau libre; natação, natação em piscina, natação em "
    "águas abertas",
    "yoga": "yoga; ioga",
    "pilates": "pilates",
    "tai_chi": "taichí, tai chi, mente y cuerpo; körper und geist, geist und körper; corps et esprit; tai chi chuan, "
    "corpo e mente, mente e corpo",
    "stretching": "flexibilidad, estiramientos, enfriamiento, preparación y recuperación; beweglichkeit, dehnen, "
    "abkühlen; souplesse, étirements, retour au calme; flexibilidade, alongamento, desaquecimento",
    "dance": "baile, bailar, baile social, baile cardiovascular, cardio baile, danza; tanzen, tanz, "
    "gesellschaftstanz, cardio tanz; danse, danse de salon, danse cardio, danse sociale; dança, dança de salão, "
    "dança cardio, dança social",
    "strength": "entrenamiento de fuerza, entrenamiento de fuerza tradicional, entrenamiento de fuerza funcional, "
    "entrenamiento de fuerza convencional, zona media, entrenamiento del core; krafttraining, traditionelles "
    "krafttraining, funktionelles krafttraining, core training, rumpftraining; musculation, musculation "
    "traditionnelle, renforcement musculaire, renforcement musculaire traditionnel, renforcement musculaire "
    "fonctionnel, entraînement musculaire, gainage; treino de força, treino de força tradicional, treino de força "
    "funcional, treinamento de força, treinamento de força tradicional, treinamento de força funcional, musculação, "
    "treino do core",
    "aerobics": "elíptica, remo, subir escaleras, escaleras, escalador, saltar la cuerda, saltar a la comba, cardio "
    "mixto, step; crosstrainer, ellipsentrainer, rudern, rudergerät, treppensteigen, treppen, stepper, seilspringen, "
    "gemischtes cardio, gemischtes cardiotraining; vélo elliptique, elliptique, rameur, aviron, stepper, escaliers, "
    "montée d'escaliers, corde à sauter, cardio mixte; elíptico, remador, escada, subir escadas, pular corda, cardio "
    "misto; barre, barra",
    "hiit": "intervalos de alta intensidad, entrenamiento por intervalos de alta intensidad, entrenamiento en "
    "intervalos de alta intensidad, entrenamiento cruzado, hiit; intervalltraining, hochintensives "
    "intervalltraining, hochintensitätsintervalltraining, cross training; entraînement fractionné de haute "
    "intensité, fractionné de haute intensité, entraînement croisé; treino intervalado de alta intensidade, "
    "intervalado de alta intensidade, treino cruzado",
    "sport": "fútbol, fútbol americano, baloncesto, básquetbol, tenis, tenis de mesa, pádel, golf, voleibol, boxeo, "
    "artes marciales, escalada, esquí, esquí alpino, esquí de fondo, patinaje, surf, béisbol, bádminton, rugby, "
    "equitación; fußball, basketball, tennis, tischtennis, volleyball, handball, boxen, kampfsport, klettern, "
    "skifahren, ski alpin, skilanglauf, eislaufen, surfen, badminton, reiten; football, basket, tennis de table, "
    "volley, boxe, arts martiaux, escalade, ski, ski de fond, patinage, équitation; futebol, basquete, tênis, tênis "
    "de mesa, vôlei, artes marciais, esqui, patinação, surfe, hipismo",
    "meditation": "meditación; meditation, achtsamkeit; méditation; meditação",
    "other": "otro, otros; andere, sonstige; autre, autres; outro, outros; transición, transition, transição, pesca, "
    "angeln, pêche, caza, jagd, chasse, caça",
}
_ACTIVITY_OF = {plain(word): activity for activity, words in _WORDS.items() for word in re.split("[,;]", words)}
_WHERE = re.compile(
    "(alairelibre|enexterior(es)?|eninterior(es)?|bajotecho|imfreien|draussen|drinnen|innen|enexterieur|eninterieur|"
    "enpleinair|outdoor|indoor|ensalle|aoarlivre|extern[ao]|intern[ao]|emambientefechado|emambienteinterno|emlocalfechado)$|"
    "^(outdoor|indoor|hallen|innen|aussen)"
)


def activity_in_words(name: str) -> str:
    """Our word for a workout's name in English, Spanish, German, French or Portuguese; else "other"."""
    word = plain(name)
    for spelled in (word, _WHERE.sub("", word)):
        if found := _ACTIVITY_OF.get(spelled):
            return found
    return activity_of(name)
