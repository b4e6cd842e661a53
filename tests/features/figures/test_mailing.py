"""Reports by mail, handed to a mail server on a real socket."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import pytest

from bridge.config.reports import MailSettings
from bridge.features.figures import Figures
from bridge.features.figures.courier import NotSent
from bridge.features.figures.mailing import TRIED_FOR, MailPost
from bridge.features.figures.periods import Period
from bridge.features.telling import Teller
from tests.features.small_log import OVER, PARIS, derive

if TYPE_CHECKING:
    from email.message import EmailMessage

    from tests.features.conftest import Desk, OpenDesk

NOW = datetime(2026, 7, 6, 7, tzinfo=UTC)
WEEK = Period.named("2026-W27", PARIS)
PASSWORD = "correct horse"


class MailServer:
    """A mail server on a free port that knows one user, keeps what it is given, and is odd about goodbyes."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refuses = ""  # the address that it does not know

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            if line.lower() == "data":
                writer.write(b"354 go on\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 taken\r\n")
            else:
                writer.write(self._answer(line))
            if line.lower() == "quit":
                break
        writer.close()

    def _answer(self, line: str) -> bytes:
        right = base64.b64encode(f"\0bridge\0{PASSWORD}".encode()).decode()
        if line.lower().startswith("ehlo"):
            return b"250-here\r\n250 AUTH PLAIN\r\n"
        if line.lower().startswith("auth"):
            return b"235 welcome\r\n" if line.endswith(f" PLAIN {right}") else b"535 wrong password\r\n"
        if line.lower().startswith("rcpt") and self.refuses and self.refuses in line:
            return b"550 no such user\r\n"
        return b"250 fine\r\n"

    def settings(self, **changes: object) -> MailSettings:
        """The settings with which it is reached."""
        own = {"host": "127.0.0.1", "port": self.port, "tls": "none", "from": "bridge@example.org"}
        return MailSettings.model_validate(own | {"user": "bridge", "password": PASSWORD} | changes)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server."""
    async with MailServer() as running:
        yield running


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """A bridge that knows the small log."""
    async with open_desk(Figures, now=lambda: NOW, community={"time-zone": "Europe/Paris"}) as opened:
        await derive(opened.parts.store, opened.parts.journal, OVER)
        yield opened


def post(desk: Desk, mail: MailSettings) -> MailPost:
    teller = Teller(desk.parts.settings, desk.parts.catalogue)
    return MailPost(desk.parts, lambda: teller, mail, "staff@example.org")


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


async def test_a_mail_with_words_and_picture_goes_out_once(desk: Desk, server: MailServer) -> None:
    assert await post(desk, server.settings()).send(WEEK)
    assert not await post(desk, server.settings()).send(WEEK)  # nor after a restart
    (raw,) = server.mails
    mail = read(raw)
    assert mail["Subject"].endswith("the week in figures (2026-W27)")
    assert (mail["From"], mail["To"]) == ("bridge@example.org", "staff@example.org")
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Play time: 5 h 10 min" in text.get_content().replace("\u00a0", " ")
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture.get_payload(decode=True)[:4] == b"\x89PNG"  # type: ignore[index]  # bytes, as it is decoded
    assert f'src="cid:{picture["Content-ID"][1:-1]}"' in html.get_content()


@pytest.mark.parametrize(
    ("changes", "refuses", "problem"),
    [
        ({"password": "something else"}, "", "535 wrong password"),
        ({}, "staff@example.org", "the address is refused: 550 no such user"),
        ({"tls": "starttls"}, "", "STARTTLS"),  # the server knows no such thing: nothing is sent in the open
        ({"port": 1}, "", "refused"),
    ],
)
async def test_what_fails_says_why_and_the_next_try_goes_out(
    desk: Desk, server: MailServer, changes: dict[str, object], refuses: str, problem: str
) -> None:
    server.refuses = refuses
    with pytest.raises(NotSent, match=problem) as failed:
        await post(desk, server.settings(**changes)).send(WEEK)
    assert failed.value.again_s == 3600
    assert PASSWORD not in str(failed.value)
    server.refuses = ""
    assert server.mails == []
    assert await post(desk, server.settings()).send(WEEK)
    assert len(server.mails) == 1


async def test_after_two_days_it_is_given_up(desk: Desk, server: MailServer) -> None:
    with pytest.raises(NotSent):
        await post(desk, server.settings(port=1)).send(WEEK)
    later = NOW + TRIED_FOR * 1.1
    object.__setattr__(desk.parts, "now", lambda: later)  # the same house, two days on
    assert not await post(desk, server.settings()).send(WEEK)
    assert server.mails == []
