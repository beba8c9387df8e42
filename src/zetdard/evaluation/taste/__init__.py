"""The taste task: which songs does a listener like, told from the songs' features and labels of other songs."""
