"""Learning what a listener likes from songs they hold and songs they do not: learners, kernels, the pool."""
