"""The numbered changes of the tables."""
