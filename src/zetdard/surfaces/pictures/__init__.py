"""Pictures of what is known: a song, a listener, a neighbourhood of the network, a map of all songs."""
