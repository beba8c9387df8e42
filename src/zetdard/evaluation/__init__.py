"""Experiments: models × data → metrics, intervals, comparisons and reports. No serving code imports this room."""
