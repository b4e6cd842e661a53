"""A game server's log: following the file, recognising its layout, and telling what happened.

``decode`` turns bytes into lines, ``clock`` times of day into instants, ``layouts`` and ``dialects`` take
the prefix off, ``parser`` says what a line means, ``explain`` says why.
"""
