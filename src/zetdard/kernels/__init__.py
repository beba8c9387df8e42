"""Compiled numerical loops, each behind a plain signature; numba is imported on first use only."""
