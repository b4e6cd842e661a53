"""Opens a web socket to a game server, and says in words why that did not work."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from bridge.supervise import SourceLost, SourceRefused

CLOSES_WITHIN_S: Final = 2.0
"""How long the other side may take to say goodbye, too."""
ALIVE_EVERY_S: Final = 20.0
"""How often it is asked whether it is still there."""

UNTRUSTED: Final = (
    "its certificate is not trusted here; set ca-file to the certificate, or to that of who signed it, as PEM"
)
NO_TLS: Final = "it does not speak TLS as it should; does the setting tls fit the server's?"


async def trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return whom to trust: those whom this machine trusts, or who stands in *ca_file*.

    Raises:
        SourceRefused: The file cannot be used.
    """
    try:
        # In a thread: it reads files.
        return await asyncio.to_thread(ssl.create_default_context, cafile=ca_file and str(ca_file))
    except (OSError, ValueError) as exc:  # SSLError, for what is no PEM, is an OSError
        reason = "it holds no certificate" if isinstance(exc, ssl.SSLError) else reason_of(exc)
        raise SourceRefused(f"cannot use the ca-file {ca_file}: {reason}") from exc


@asynccontextmanager
async def opened(
    url: str,
    *,
    port: int,
    timeout_s: float,
    most_bytes: int,
    headers: Mapping[str, str] | None = None,
    protocols: tuple[str, ...] = (),
    origin: str | None = None,
    trusted: ssl.SSLContext | None = None,
    refusals: Mapping[int, str],
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Yield an open web socket and close it at the end.

    Args:
        url: Where it is; never told, as it may hold what nobody should see.
        port: What is told instead.
        timeout_s: How long opening it may take.
        most_bytes: The longest message that is read.
        headers: What is sent along, such as a secret.
        protocols: The sub-protocols that are offered.
        origin: The page that asks, where the server wants one.
        trusted: Whose certificates are good, with TLS.
        refusals: What to say when the server answers with one of these numbers, which waiting does not mend.

    Raises:
        SourceLost: It could not be opened; it may work later.
        SourceRefused: Somebody has to change something first.
    """
    timeout = aiohttp.ClientTimeout(total=None, connect=timeout_s)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        try:
            async with asyncio.timeout(timeout_s):
                socket = await session.ws_connect(
                    url,
                    headers=headers,
                    protocols=protocols,
                    origin=origin,
                    ssl=True if trusted is None else trusted,
                    heartbeat=ALIVE_EVERY_S,
                    max_msg_size=most_bytes,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSES_WITHIN_S),
                )
        except aiohttp.WSServerHandshakeError as exc:
            if (refusal := refusals.get(exc.status)) is not None:
                raise SourceRefused(refusal) from exc
            raise SourceLost(f"port {port} answers, but opens no web socket (HTTP {exc.status})") from exc
        except aiohttp.ClientConnectorCertificateError as exc:
            raise SourceRefused(f"cannot connect to port {port}: {UNTRUSTED}") from exc
        except aiohttp.ClientConnectorSSLError as exc:
            raise SourceLost(f"cannot connect to port {port}: {NO_TLS}") from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:  # TimeoutError is an OSError
            raise SourceLost(f"cannot connect to port {port}: {reason_of(exc)}") from exc
        try:
            yield socket
        finally:
            await socket.close()


def reason_of(exc: BaseException) -> str:
    """Return what went wrong without the address, which most messages of libraries hold."""
    if isinstance(exc, TimeoutError):
        return "no answer in time"
    number = exc.errno if isinstance(exc, OSError) else None
    return os.strerror(number) if number and number > 0 else type(exc).__name__
