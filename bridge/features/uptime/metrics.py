"""What dashboards read of the servers' uptime and pace."""

from __future__ import annotations

from bridge.features.contract import Parts
from bridge.features.uptime.views import server_uptimes
from bridge.website import Collect, Metric


def uptime_metrics(parts: Parts) -> Collect:
    """Tell each server's uptime with its coverage, its pace, and whether an incident is under way."""

    async def collect() -> list[Metric]:
        labels = ["server", "days"]
        uptime = Metric("bridge_server_uptime_ratio", "Minutes up of those that count.", labels)
        coverage = Metric(
            "bridge_server_uptime_coverage_ratio", "Minutes of which anything is known.", labels
        )
        incident = Metric("bridge_server_incident_open", "Whether the server is not there.", ["server"])
        for each in await server_uptimes(parts, parts.now()):
            for days, counted in each.uptimes.items():
                coverage.add(counted.coverage, each.id, str(days))
                if counted.share is not None:
                    uptime.add(counted.share, each.id, str(days))
            incident.add(each.incident is not None, each.id)
        return [uptime, coverage, incident, *_pace(parts)]

    return collect


def _pace(parts: Parts) -> list[Metric]:
    tps = Metric("bridge_server_tps", "Ticks a second, as the console tells.", ["server"])
    mspt = Metric("bridge_server_mspt", "Milliseconds that a tick takes, as the console tells.", ["server"])
    for id_, server in parts.servers.items():
        latest = server.pace.latest if server.pace is not None else None
        if latest is not None and latest.tps is not None:
            tps.add(latest.tps, id_)
        if latest is not None and latest.mspt is not None:
            mspt.add(latest.mspt, id_)
    return [tps, mspt]
