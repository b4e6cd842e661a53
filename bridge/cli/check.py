"""``passerelle check``: says everything that is wrong with a settings file, in one run."""

from __future__ import annotations

from pathlib import Path

from bridge.cli.out import ExitCode, Mark, complain, marked, tell, words
from bridge.config.load import Loaded, load
from bridge.config.problems import SettingsError


def check(config: Path) -> ExitCode:
    """Print every problem of a settings file, or that there is none."""
    loaded = loaded_or_told(config)
    if loaded is None:
        return ExitCode.SETTINGS
    settings = loaded.settings
    tell(
        marked(
            Mark.GOOD,
            words().plain(
                "cli.check.good",
                file=str(config),
                servers=len(settings.servers),
                rooms=len(settings.rooms),
            ),
        )
    )
    for name, server in settings.servers.items():
        if server.folder is not None:
            tell("  " + _folder(server.title or name, server.folder))
    return ExitCode.OK


def _folder(title: str, folder: Path) -> str:
    """Return what was found in a server's folder, in one line."""
    from bridge.minecraft.files import look_around  # noqa: PLC0415 - only where a folder is known

    found = look_around(folder)
    if found.problem:
        said = words().plain("vanilla.check.problem", server=title, problem=found.problem)
        return marked(Mark.WARNING, said)
    key = "vanilla.check.found" if found.layout else "vanilla.check.nothing"
    counts = {"statistics": found.statistics, "advancements": found.advancements, "names": found.names}
    said = words().plain(key, server=title, folder=str(folder), world=found.world.name, **counts)
    return marked(Mark.GOOD, said)


def loaded_or_told(config: Path) -> Loaded | None:
    """Return the settings; None after telling what is wrong with them."""
    try:
        loaded = load(config)
    except SettingsError as exc:
        for problem in exc.problems:
            complain(str(problem))
        complain(marked(Mark.BAD, words().plain("cli.check.bad", count=len(exc.problems), file=str(config))))
        return None
    for warning in loaded.warnings:
        complain(marked(Mark.WARNING, str(warning)))
    return loaded
