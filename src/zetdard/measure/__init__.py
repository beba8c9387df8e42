"""Splits, metrics and intervals: each with its formula; used by models, by evaluation and by the gate."""
