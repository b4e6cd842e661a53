"""Figures for staff: how many come, when, for how long, who stays, and what changed since the time before.

Consumes: nothing of the journal; reads the tables of :mod:`bridge.store.statistics`. Owns: no table.
Settings: ``community.time-zone``. Gives the staff pages under ``/staff/figures``, as tables, charts and CSV.
"""

from bridge.features.figures.feature import Figures

__all__ = ["Figures"]
