"""What models and recommend see: vocabularies, interactions, features, datasets and rankings."""
