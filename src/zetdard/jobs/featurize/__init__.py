"""Featurize: what is stored → arrays on disk, each made once for each content, and put together for whoever asks."""
