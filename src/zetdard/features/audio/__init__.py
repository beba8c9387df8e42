"""What a recording sounds like: decoding, and numbers about the sound.

Nothing is imported here, so that a worker process chooses its own libraries: import the modules by name.
"""
