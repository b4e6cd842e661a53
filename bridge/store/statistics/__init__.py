"""The tables of who was on when, and of what follows from it."""
