"""Sends reports by mail, to one address each, with the words as text and as HTML and the picture inside."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from bridge.config.reports import MailSecurity, MailSettings
from bridge.features.contract import Parts
from bridge.features.figures.courier import NotSent
from bridge.features.figures.periods import Period
from bridge.features.telling import Teller
from bridge.store.reports import Sending, save_sending, sending

if TYPE_CHECKING:
    from bridge.features.figures.making import Made

AGAIN_S: Final = 3600.0
TRIED_FOR: Final = timedelta(days=2)
_PICTURE: Final = "players"  # the name of the picture inside the mail


class MailPost:
    """A mail address that gets reports."""

    def __init__(self, parts: Parts, teller: Callable[[], Teller], mail: MailSettings, address: str) -> None:
        self.name = f"mail:{address}"
        self._parts, self._teller = parts, teller
        self._mail, self._address = mail, address

    async def send(self, period: Period) -> bool:
        """Send the report of a period unless it was sent; return whether it was sent just now.

        A mail that was under way when the bridge was killed may have left, which nobody can be asked: it is
        sent again with the same Message-ID, by which most mailboxes keep one of the two.

        Raises:
            NotSent: It could not be.
        """
        now = self._parts.now()
        async with self._parts.store.reading() as conn:
            before = await sending(conn, period.name, self.name)
        if before is not None and (before.sent_at is not None or now - before.first_at > TRIED_FOR):
            return False
        first_at = now if before is None else before.first_at
        row = Sending(report=period.name, destination=self.name, first_at=first_at, begun_at=now)
        await self._save(row)
        message = await self._message(period, now)
        try:
            await asyncio.to_thread(deliver, self._mail, message)
        except (smtplib.SMTPException, OSError) as exc:
            problem = f"{self._mail.host}:{self._mail.port}: {_reason(exc)}"
            raise NotSent(problem, again_s=AGAIN_S, advice="reports.advice.mail") from exc
        await self._save(msgspec.structs.replace(row, sent_at=self._parts.now()))
        return True

    async def _message(self, period: Period, now: datetime) -> EmailMessage:
        await asyncio.to_thread(importlib.import_module, "bridge.features.figures.making")
        from bridge.charts import LIGHT  # noqa: PLC0415 - charts take memory
        from bridge.features.figures.making import made  # noqa: PLC0415 - same

        found = await made(self._parts, self._teller(), period, theme=LIGHT)
        return message_of(found, period, sender=self._mail.sender, to=self._address, at=now)

    async def _save(self, row: Sending) -> None:
        async with self._parts.store.transaction() as tx:
            await save_sending(tx, row)


def message_of(made: Made, period: Period, *, sender: str, to: str, at: datetime) -> EmailMessage:
    """Return a report as a mail; the same report to the same address has the same Message-ID."""
    from bridge.features.figures.report_formats import to_html, to_text  # noqa: PLC0415 - read with *made*

    domain = sender.rpartition("@")[2]
    digest = blake2b(f"{period.name}\0{sender}\0{to}".encode(), digest_size=12).hexdigest()
    message = EmailMessage()
    message["Subject"] = f"{made.told.title} ({period.name})"
    message["From"], message["To"] = Address(addr_spec=sender), Address(addr_spec=to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<report-{period.name}-{digest}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # nobody's holiday note answers
    message.set_content(to_text(made.told, made.words, link=made.link))
    picture = f"cid:{_PICTURE}@{domain}" if made.picture is not None else ""
    message.add_alternative(to_html(made.told, made.words, picture=picture, link=made.link), subtype="html")
    if made.picture is not None:
        html = message.get_payload()[1]  # type: ignore[index]  # two parts, as just made
        html.add_related(  # type: ignore[union-attr]  # a part is an EmailMessage, too
            made.picture, "image", "png", cid=f"<{_PICTURE}@{domain}>", filename=f"{_PICTURE}.png"
        )
    return message


def deliver(mail: MailSettings, message: EmailMessage) -> None:
    """Hand a mail to the server; takes a thread for as long as the server does.

    Raises:
        smtplib.SMTPException: The server does not take it.
        OSError: It cannot be reached, or its certificate is not good.
    """
    server = _connected(mail)
    try:
        if mail.user is not None and mail.password is not None:
            server.login(mail.user, mail.password.get_secret_value())
        server.send_message(message)
    finally:
        # The mail has left, or what kept it is on its way up: how the server says goodbye changes neither.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _connected(mail: MailSettings) -> smtplib.SMTP:
    if mail.tls is MailSecurity.TLS:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_s, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_s)
    if mail.tls is MailSecurity.STARTTLS:
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:  # whatever it was, the connection must not stay
            server.close()
            raise
    return server


def _reason(exc: Exception) -> str:
    """Return what went wrong in words, without what was sent."""
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(exc.recipients.values()))
        return f"the address is refused: {code} {_words(said)}"
    if isinstance(exc, smtplib.SMTPResponseException):
        return f"{exc.smtp_code} {_words(exc.smtp_error)}"
    return str(exc) or type(exc).__name__


def _words(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
