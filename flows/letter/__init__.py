"""The letter: one page for the patient, in plain words and in their language.

What was agreed, what was seen, what was not seen, what to hand over next. It counts; it judges nobody, and it says
nothing about health (R17.3). The words are data: `words/LANGUAGE.toml`, one file a language.
"""
