"""From a question to a list with reasons. Names no concrete model.

``query`` → ``listener`` → score → ``rerank`` → ``explain``; ``recommender`` is the main path.
"""
