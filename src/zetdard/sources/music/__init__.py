"""A folder of music files.

What lies in it (``walking``), what each file says of itself (``tags``), what sounds the same (``soundhash``), one file
looked at (``examining``), all of them as records (``folder``).
"""
