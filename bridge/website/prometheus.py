"""Prometheus' text format, by its own library."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bridge.website.metrics import Metric


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
        """Return the metrics as the library knows them."""
        for metric in self._metrics:
            family = (CounterMetricFamily if metric.counts else GaugeMetricFamily)(
                metric.name, metric.help, labels=metric.labels
            )
            for labels, value in metric.values:
                family.add_metric(labels, value)
            yield family


def as_text(metrics: Iterable[Metric]) -> bytes:
    """Return metrics as ``/metrics`` tells them."""
    registry = CollectorRegistry()
    registry.register(_Collected(metrics))
    return generate_latest(registry)
