"""Features: pure functions from what is known to numbers and networks."""
