"""The commands and their arguments.

Each command is a module that is loaded when it is used: the daemon does not carry what only the demo needs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bridge.cli.out import ExitCode, tell_version, words


def run_command(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(_run(arguments))
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # ``passerelle explain-line --json big.log | head``
        sys.stderr.close()
        return int(ExitCode.OK)


def _run(arguments: argparse.Namespace) -> ExitCode:
    match arguments.command:
        case "run" | "check" | "doctor" | "login-link":
            return _run_with_settings(arguments.command, arguments.config)
        case "demo":
            from bridge.cli.demo import demo  # noqa: PLC0415 - see the module's docstring

            return demo(port=arguments.port)
        case "explain-line":
            from bridge.cli.explain import explain  # noqa: PLC0415 - same

            return explain(arguments.line, file=arguments.json, dialect=arguments.dialect)
        case "import":
            return _import(arguments)
        case "report":
            from bridge.cli.report import report  # noqa: PLC0415 - same

            return report(
                week=arguments.week,
                month=arguments.month,
                form=arguments.format,
                server=arguments.server,
                config=arguments.config,
            )
        case _:
            return tell_version()


def _import(arguments: argparse.Namespace) -> ExitCode:
    wanted = {"server": arguments.server, "config": arguments.config, "dry_run": arguments.dry_run}
    if arguments.what == "plan":
        from bridge.cli.importing_plan import import_plan  # noqa: PLC0415 - see the module's docstring

        return import_plan(arguments.database, plan_server=arguments.plan_server, **wanted)
    from bridge.cli.importing import import_logs  # noqa: PLC0415 - same

    return import_logs(arguments.paths, **wanted)


def _run_with_settings(command: str, config: Path) -> ExitCode:
    match command:
        case "check":
            from bridge.cli.check import check  # noqa: PLC0415 - see the module's docstring

            return check(config)
        case "doctor":
            from bridge.cli.doctor import doctor  # noqa: PLC0415 - same

            return doctor(config)
        case "login-link":
            from bridge.cli.login_link import login_link  # noqa: PLC0415 - same

            return login_link(config)
        case _:
            from bridge.cli.run import run  # noqa: PLC0415 - same

            return run(config)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    say = words().plain
    whole = argparse.ArgumentParser(prog="passerelle", description=say("cli.description"), allow_abbrev=False)
    commands = whole.add_subparsers(dest="command", required=True, metavar=say("cli.metavar"))
    _add_config(commands.add_parser("run", help=say("cli.run.help"), description=say("cli.run.help")))
    demo = commands.add_parser("demo", help=say("cli.demo.help"), description=say("cli.demo.help"))
    demo.add_argument("--port", type=int, default=0, help=say("cli.demo.port"))
    _add_config(commands.add_parser("check", help=say("cli.check.help"), description=say("cli.check.help")))
    _add_config(
        commands.add_parser("doctor", help=say("cli.doctor.help"), description=say("cli.doctor.help"))
    )
    explain = commands.add_parser(
        "explain-line", help=say("cli.explain.help"), description=say("cli.explain.help")
    )
    what = explain.add_mutually_exclusive_group(required=True)
    what.add_argument("line", nargs="?", metavar=say("cli.explain.line-name"), help=say("cli.explain.line"))
    what.add_argument("--json", metavar=say("cli.explain.file-name"), help=say("cli.explain.json"))
    explain.add_argument("--dialect", default="auto", help=say("cli.explain.dialect"))
    _add_config(
        commands.add_parser(
            "login-link", help=say("cli.login-link.help"), description=say("cli.login-link.help")
        )
    )
    _add_import(commands)
    _add_report(commands)
    commands.add_parser("version", help=say("cli.version.help"), description=say("cli.version.help"))
    return whole


def _add_import(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    say = words().plain
    whole = commands.add_parser("import", help=say("import.help"), description=say("import.help"))
    what = whole.add_subparsers(dest="what", required=True, metavar=say("import.what-name"))
    logs = what.add_parser("logs", help=say("import.logs.help"), description=say("import.logs.help"))
    logs.add_argument(
        "paths", nargs="+", type=Path, metavar=say("import.logs.path-name"), help=say("import.logs.path")
    )
    _add_import_options(logs)
    plan = what.add_parser("plan", help=say("import.plan.help"), description=say("import.plan.help"))
    plan.add_argument(
        "database", type=Path, metavar=say("import.plan.path-name"), help=say("import.plan.path")
    )
    plan.add_argument("--plan-server", metavar=say("import.plan.server-name"), help=say("import.plan.server"))
    _add_import_options(plan)


def _add_import_options(command: argparse.ArgumentParser) -> None:
    say = words().plain
    command.add_argument(
        "--server", required=True, metavar=say("import.server-name"), help=say("import.server")
    )
    command.add_argument("--dry-run", action="store_true", help=say("import.dry-run"))
    command.add_argument(
        "--config",
        type=Path,
        default=Path("bridge.yml"),
        metavar=say("cli.config-name"),
        help=say("import.config"),
    )


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    say = words().plain
    report = commands.add_parser("report", help=say("reports.cli.help"), description=say("reports.cli.help"))
    period = report.add_mutually_exclusive_group()
    period.add_argument("--week", metavar=say("reports.cli.week-name"), help=say("reports.cli.week"))
    period.add_argument("--month", metavar=say("reports.cli.month-name"), help=say("reports.cli.month"))
    report.add_argument(
        "--format", choices=("html", "md", "json"), default="md", help=say("reports.cli.format")
    )
    report.add_argument("--server", metavar=say("reports.cli.server-name"), help=say("reports.cli.server"))
    report.add_argument(
        "--config",
        type=Path,
        default=Path("bridge.yml"),
        metavar=say("cli.config-name"),
        help=say("import.config"),
    )


def _add_config(command: argparse.ArgumentParser) -> None:
    say = words().plain
    command.add_argument(
        "config",
        nargs="?",
        type=Path,
        default=Path("bridge.yml"),
        metavar=say("cli.config-name"),
        help=say("cli.config"),
    )
