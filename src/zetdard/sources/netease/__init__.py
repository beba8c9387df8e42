"""NetEase Cloud Music: its encryption, two ways to ask it, and readers of what it answers."""
