"""What can be wrong with a feature file, found before anything runs.

Gherkin forgives too much: a misspelt keyword becomes description, the first of two scenarios of one name is dropped, a
placeholder without a column stays as it is, a table that no step reads is ignored. Each of these would be a
criterion that looks tested and is not, so each is refused here, all of them at once, with file, line and remedy.

``judgement`` says what is wrong with one file. ``syntax`` reads it and ``anatomy`` walks over it; ``wording``,
``shape``, ``outlines`` and ``tags`` judge what it says, and ``steps`` whether the ``vocabulary`` can say it.
"""
