"""RCON round trips a second: one connection, one command after the other, to a server in another process.

Run: ``python tests/benchmarks/rcon.py [COMMANDS]``. Every reply is compared with its command. What
the machine allows is measured beside it: two processes that only send 30 bytes to and fro. The last line is
one JSON object.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from bridge.config.settings import RconSettings
from bridge.events import ServerId
from bridge.minecraft import RconLink
from bridge.minecraft.commands import Raw

COMMANDS = 20_000
WARM_UP = 500
ECHO = "--echo"


@contextlib.contextmanager
def pretend_server(folder: Path) -> Iterator[int]:
    """Start the simulator's game server as a process and yield its RCON port."""
    arguments = [sys.executable, "-m", "bridge.simulator", "game", "--folder", str(folder)]
    with subprocess.Popen([*arguments, "--rcon-password", "benchmark"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["rcon_port"])
        finally:
            process.terminate()


async def measure(port: int, commands: int) -> dict[str, float | int]:
    """Run the commands and return the figures."""
    settings = RconSettings.model_validate({"port": port, "password": "benchmark"})
    link = RconLink(ServerId("benchmark"), settings)
    running = asyncio.create_task(link.run())
    await link.up.wait()
    for number in range(WARM_UP):
        await link.command(Raw(f"warm {number}"))
    taken_s: list[float] = []
    matched = 0
    began = time.perf_counter()
    for number in range(commands):
        sent = time.perf_counter()
        reply = await link.command(Raw(f"x{number}"))
        taken_s.append(time.perf_counter() - sent)
        matched += f"x{number}<" in reply  # an unknown command is quoted in its reply
    whole_s = time.perf_counter() - began
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    taken_s.sort()
    return {
        "commands": commands,
        "matched": matched,
        "round_trips_per_s": round(commands / whole_s),
        "median_us": round(taken_s[commands // 2] * 1e6),
        "p99_us": round(taken_s[commands * 99 // 100] * 1e6),
    }


class Echo(asyncio.Protocol):
    """Sends back what comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self.transport.write(data)


class Caller(Echo):
    """Waits for each answer."""

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - that it came is all that counts
        """Hand it out."""
        self.answer.set_result(None)

    async def call(self) -> None:
        """Make one round trip."""
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(b"x" * 30)
        await self.answer


async def serve_echo() -> None:
    """Serve until the caller hangs up for good; print the port."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def measure_floor(trips: int) -> int:
    """Round trips a second without RCON, commands and a game server."""
    process = await asyncio.create_subprocess_exec(sys.executable, __file__, ECHO, stdout=subprocess.PIPE)
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    _, caller = await asyncio.get_running_loop().create_connection(Caller, "127.0.0.1", port)
    began = time.perf_counter()
    for _ in range(trips):
        await caller.call()
    took_s = time.perf_counter() - began
    caller.transport.close()
    process.terminate()
    await process.wait()
    return round(trips / took_s)


def main() -> int:
    """Print the figures; the exit code says whether every reply was its command's."""
    if sys.argv[1:] == [ECHO]:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve_echo())
        return 0
    commands = int(sys.argv[1]) if len(sys.argv) > 1 else COMMANDS
    with tempfile.TemporaryDirectory() as folder, pretend_server(Path(folder)) as port:
        figures = asyncio.run(measure(port, commands))
    figures["bare_round_trips_per_s"] = asyncio.run(measure_floor(commands))
    print(f"{figures['round_trips_per_s']} round trips/s, median {figures['median_us']} us")
    print(f"{figures['bare_round_trips_per_s']} bare round trips/s between two processes")
    print(json.dumps({"benchmark": "rcon", **figures}))
    return 0 if figures["matched"] == commands else 1


if __name__ == "__main__":
    sys.exit(main())
