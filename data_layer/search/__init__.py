"""Finding things by what a person types: words folded and spelling forgiven, over everything that has a title.

Belongs here: words, edit distance, the index in memory. Does not: where titles come from (`search_questions`), or
what is done with what was found.
"""
