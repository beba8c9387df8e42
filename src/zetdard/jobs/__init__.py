"""A verb each. The only place where sources, store, features and models meet; they are handed in."""
