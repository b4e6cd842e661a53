"""The daemon's own log: one line per thing that happened, for people on a terminal, else as JSON."""

from __future__ import annotations

import json
import logging
import os
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bridge.config.hiding import Hider, hosts_of, secrets_of
from bridge.config.settings import BridgeSettings, LogFormat, LoggingSettings

# Libraries that tell more at "info" than an operator wants to read, or repeat what we log ourselves.
_QUIETER: Final = {
    "aiohttp.access": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "discord": logging.WARNING,
}
# Never told, whatever the level: rows hold what people have said.
_PRIVATE: Final = ("aiosqlite", "sqlalchemy")


def configure(logging_settings: LoggingSettings, stream: TextIO, *, hider: Hider | None = None) -> None:
    """Send structlog's and the standard library's log to *stream*; calling it again replaces the set-up.

    Args:
        logging_settings: Level and format.
        stream: Where lines go; its ``isatty`` decides what ``auto`` means.
        hider: Takes secrets out of each finished line; without settings, what looks like one.
    """
    human = _is_human(logging_settings.format, stream)
    shared = _shared(human=human)
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(_handler(stream, shared, human=human, hider=hider or Hider()))
    set_level(logging_settings.level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # a reload may change the set-up
    )


def configure_for(settings: BridgeSettings, stream: TextIO) -> None:
    """Set up the log as the settings say, with their secrets hidden from every line."""
    hider = Hider(
        secrets=secrets_of(settings),
        mask_addresses=settings.privacy.mask_addresses,
        known_hosts=hosts_of(settings),
    )
    configure(settings.logging, stream, hider=hider)


def set_level(level: str) -> None:
    """Change the least that is told, ``debug`` to ``error``, at once."""
    wanted = logging.getLevelName(level.upper())
    logging.getLogger().setLevel(wanted)
    for name, quieter in _QUIETER.items():
        logging.getLogger(name).setLevel(wanted if wanted <= logging.DEBUG else max(wanted, quieter))
    for name in _PRIVATE:
        logging.getLogger(name).setLevel(max(wanted, logging.WARNING))


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, to be found again when the set-up is replaced."""


def _handler(stream: TextIO, shared: list[Processor], *, human: bool, hider: Hider) -> _Handler:
    colours = human and stream.isatty() and not os.environ.get("NO_COLOR")
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_render(human=human, colours=colours),
                _Hiding(hider),
            ],
        )
    )
    return handler


def _is_human(wanted: LogFormat, stream: TextIO) -> bool:
    return stream.isatty() if wanted is LogFormat.AUTO else wanted is LogFormat.HUMAN


def _shared(*, human: bool) -> list[Processor]:
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human, key="at")
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        stamp,
    ]


def _render(*, human: bool, colours: bool) -> list[Processor]:
    if human:
        return [
            structlog.dev.ConsoleRenderer(
                colors=colours,
                pad_event_to=0,
                timestamp_key="at",
                exception_formatter=structlog.dev.plain_traceback,  # the others print the values of variables
            )
        ]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]


def _json(event: EventDict, **_: object) -> str:
    return json.dumps(event, default=str, ensure_ascii=False, separators=(",", ":"))


class _Hiding:
    """The last processor: works on the finished line, so that nothing passes beside it."""

    def __init__(self, hider: Hider) -> None:
        self._hider = hider

    def __call__(self, _: WrappedLogger, __: str, line: str | EventDict) -> str:
        return self._hider(str(line))
