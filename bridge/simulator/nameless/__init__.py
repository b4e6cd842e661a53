"""A pretend NamelessMC site on a real socket: its REST API, version 2, as far as the bridge uses it."""

from bridge.simulator.nameless.faults import Fault, FaultKind
from bridge.simulator.nameless.site import SimNameless
from bridge.simulator.nameless.values import (
    Integration,
    Received,
    SiteAnnouncement,
    SiteGroup,
    SiteServer,
    SiteUser,
)

__all__ = [
    "Fault",
    "FaultKind",
    "Integration",
    "Received",
    "SimNameless",
    "SiteAnnouncement",
    "SiteGroup",
    "SiteServer",
    "SiteUser",
]
