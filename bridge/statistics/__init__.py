"""What follows from who came and went: sessions, days, and the figures made of them; no I/O, no clock."""
