"""A game server's past: its old logs, and what the plugin Plan has kept. Pure readers; nothing is written."""
