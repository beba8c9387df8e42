"""Models: one file each; a frozen Config plus learned arrays; no database, no network, no audio library."""
