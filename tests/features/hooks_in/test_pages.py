"""What is sent to a hook: taken once when it is right, refused in words when it is not."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bridge.features.hooks_in import pages
from bridge.store import Store
from bridge.website.signing import signed

if TYPE_CHECKING:
    from tests.features.hooks_in.conftest import HookHouse, OpenHookHouse

SECRET = "a secret of the shop"
PAYMENT: dict[str, Any] = {
    "event": "payment.completed",
    "player": {"name": "Mira"},
    "items": [{"name": "Supporter"}],
}
REFUSED = "This delivery is not accepted. Check the address, the secret and how it is signed."


async def test_what_is_signed_is_kept_and_told(hooks: HookHouse) -> None:
    assert await hooks.send("shop", PAYMENT) == (202, {"accepted": True})
    (event,) = await hooks.received("shop")
    assert (event.hook, event.delivery, event.event) == ("shop", "1", "payment.completed")
    assert json.loads(event.body) == PAYMENT
    (told,) = await hooks.announced("shop")
    assert (told.markup, told.channels) == ("**Mira** supports us: Supporter", ("123456789012345678",))
    assert (told.line, told.servers) == ("Mira supports us", ("survival",))
    assert told.origin == "hook:shop"


async def test_what_no_rule_wants_is_kept_all_the_same(hooks: HookHouse) -> None:
    assert await hooks.send("shop", {"type": "payment.refunded"}) == (202, {"accepted": True})
    (event,) = await hooks.received("shop")
    assert event.event == "payment.refunded"
    assert await hooks.announced("shop") == []


async def test_both_secrets_count_while_one_takes_the_place_of_the_other(hooks: HookHouse) -> None:
    for id_, secret in (("1", SECRET), ("2", "an old secret of the shop")):
        status, _ = await hooks.send("shop", PAYMENT, id_=id_, secret=secret)
        assert status == 202


async def test_the_same_delivery_again_does_nothing_twice(hooks: HookHouse) -> None:
    """The same id, at once, much later, signed anew, and with another body."""
    await hooks.send("shop", PAYMENT)
    repeated = (200, {"accepted": True, "repeated": True})
    assert await hooks.send("shop", PAYMENT) == repeated
    raw = json.dumps(PAYMENT).encode()
    old = signed(SecretStr(SECRET), id_="1", at=hooks.clock.now, body=raw)
    hooks.clock.now += timedelta(days=2)
    assert await hooks.send("shop", PAYMENT) == repeated
    assert await hooks.send("shop", {"event": "other"}) == repeated
    assert await hooks.post("/hooks/shop", raw, old) == repeated
    assert len(await hooks.received("shop")) == 1
    assert len(await hooks.announced("shop")) == 1


async def test_a_caught_message_counts_under_no_other_id(hooks: HookHouse) -> None:
    """The id is not part of what is signed."""
    raw = json.dumps(PAYMENT).encode()
    headers = signed(SecretStr(SECRET), id_="1", at=hooks.clock.now, body=raw)
    assert await hooks.post("/hooks/shop", raw, headers) == (202, {"accepted": True})
    headers["X-Passerelle-Id"] = "2"
    assert await hooks.post("/hooks/shop", raw, headers) == (200, {"accepted": True, "repeated": True})
    hooks.clock.now += timedelta(minutes=6)
    status, told = await hooks.post("/hooks/shop", raw, headers)
    assert (status, told["detail"][:23]) == (401, "The signature is right,")
    assert len(await hooks.received("shop")) == 1


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_wrong_clock_is_told_the_time(hooks: HookHouse, minutes: int) -> None:
    raw = json.dumps(PAYMENT).encode()
    now = hooks.clock.now
    headers = signed(SecretStr(SECRET), id_="1", at=now + timedelta(minutes=minutes), body=raw)
    status, told = await hooks.post("/hooks/shop", raw, headers)
    assert status == 401
    assert (told["server_time"], told["window_s"]) == (int(now.timestamp()), 300)
    assert "Set the sender's clock" in told["detail"]
    assert await hooks.received("shop") == []


async def test_wrong_signatures_and_unknown_hooks_look_alike(hooks: HookHouse) -> None:
    raw = json.dumps(PAYMENT).encode()
    old = signed(
        SecretStr("not the shop's secret"), id_="1", at=hooks.clock.now - timedelta(hours=1), body=raw
    )
    answers = [
        await hooks.send("shop", PAYMENT, secret="not the shop's secret"),
        await hooks.send("nowhere", PAYMENT),
        await hooks.post("/hooks/shop", raw),
        await hooks.post("/hooks/shop", raw, old),
        await hooks.post(f"/hooks/shop/{SECRET.replace(' ', '%20')}", raw),
        await hooks.post("/hooks/site", raw),
        await hooks.post("/hooks/site/SecretInTheAddres", raw),
        await hooks.post("/hooks/nowhere/SecretInTheAddress", raw),
        await hooks.send("narrow", PAYMENT),
    ]
    assert answers == [
        (401, {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": REFUSED})
    ] * len(answers)


async def test_why_something_was_refused_stands_in_the_log_without_secrets(hooks: HookHouse) -> None:
    with capture_logs() as logs:
        await hooks.post("/hooks/site/WrongSecretInTheAddress", b"{}")
        await hooks.post("/hooks/nowhere/WrongSecretInTheAddress", b"{}")
        await hooks.send("narrow", PAYMENT)
    told = [(line["hook"], line["why"]) for line in logs if line["event"] == "refused a delivery"]
    assert told == [
        ("site", "wrong secret in the address"),
        ("(unknown)", "there is no such hook"),
        ("narrow", "the address is not in the hook's list"),
    ]
    assert "WrongSecretInTheAddress" not in str(logs)


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [("198.51.100.7", 202), ("2001:db8:1::5", 202), ("203.0.113.1", 401), ("203.0.113.1, 198.51.100.7", 202)],
)
async def test_a_hook_listens_to_the_addresses_in_its_list(
    hooks: HookHouse, forwarded: str, status: int
) -> None:
    answer = await hooks.send("narrow", PAYMENT, X_Forwarded_For=forwarded)
    assert answer[0] == status


async def test_an_address_that_guesses_is_not_listened_to_for_a_while(hooks: HookHouse) -> None:
    guesser, sender = {"X-Forwarded-For": "203.0.113.5"}, "198.51.100.7"
    with capture_logs() as logs:
        for _ in range(10):
            assert (await hooks.post("/hooks/shop", b"{}", guesser))[0] == 401
    assert [line["event"] for line in logs][-1] == (
        "an address has sent too many wrong signatures and is not listened to for a while"
    )
    async with hooks.client.post("/hooks/shop", data=b"{}", headers=guesser) as answer:
        assert answer.status == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 600
    assert (await hooks.send("shop", PAYMENT, X_Forwarded_For="203.0.113.5"))[0] == 429
    assert (await hooks.send("shop", PAYMENT, X_Forwarded_For=sender))[0] == 202


async def test_github_is_understood(hooks: HookHouse) -> None:
    body = {
        "action": "opened",
        "issue": {"title": "A *new* [bridge](https://x.example) @everyone", "number": 7},
    }
    raw = json.dumps(body).encode()
    mac = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    headers = {
        "X-Hub-Signature-256": f"sha256={mac}",
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    }
    assert await hooks.post("/hooks/code", raw, headers) == (202, {"accepted": True})
    assert await hooks.post("/hooks/code", raw, headers) == (200, {"accepted": True, "repeated": True})
    (event,) = await hooks.received("code")
    assert (event.event, event.delivery) == ("issues", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    (told,) = await hooks.announced("code")
    assert told.markup == r"New: A \*new\* \[bridge](https://x.example) @everyone (7)"
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-GitHub-Delivery": "another"}
    status, problem = await hooks.post("/hooks/code", raw, headers | form)  # what GitHub sends unless told
    assert (status, "application/json" in problem["detail"]) == (415, True)


async def test_namelessmc_is_understood(hooks: HookHouse) -> None:
    body = json.dumps({"event": "registerUser", "username": "Mira"}).encode()
    for _ in range(2):  # has no ids: the same again may well have happened again
        assert await hooks.post("/hooks/site/SecretInTheAddress", body) == (202, {"accepted": True})
    assert [told.markup for told in await hooks.announced("site")] == ["Welcome Mira"] * 2
    first, second = await hooks.received("site")
    assert first.event == "registerUser"
    assert first.delivery != second.delivery


async def test_woocommerce_is_understood(hooks: HookHouse) -> None:
    def headers(raw: bytes, delivery: str) -> dict[str, str]:
        mac = base64.b64encode(hmac.digest(SECRET.encode(), raw, "sha256")).decode()
        return {
            "X-WC-Webhook-Signature": mac,
            "X-WC-Webhook-Topic": "order.created",
            "X-WC-Webhook-Delivery-ID": delivery,
        }

    one, two = b'{"id": 1}', b'{"id": 2}'
    assert (await hooks.post("/hooks/blog", one, headers(one, "a1")))[0] == 202
    assert (await hooks.post("/hooks/blog", one, headers(one, "a1")))[0] == 200
    # Its delivery id is made from the second: two orders in one second have the same.
    assert (await hooks.post("/hooks/blog", two, headers(two, "a1")))[0] == 202
    assert [event.event for event in await hooks.received("blog")] == ["order.created"] * 2


async def test_the_plugin_wp_webhooks_is_understood(hooks: HookHouse) -> None:
    raw = b'{"post_id": 1}'
    mac = base64.b64encode(hmac.digest(SECRET.encode(), raw, "sha256")).decode()
    headers = {"X-WP-Webhook-Signature": mac, "X-WP-Webhook-Name": "post_create"}
    assert (await hooks.post("/hooks/blog", raw, headers))[0] == 202
    assert (await hooks.post("/hooks/blog", raw, headers))[0] == 200
    assert [event.event for event in await hooks.received("blog")] == ["post_create"]


@pytest.mark.parametrize("hook", ["blog", "nowhere"])
async def test_woocommerce_may_ask_whether_somebody_is_there(hooks: HookHouse, hook: str) -> None:
    """It signs that question not, and wants exactly 200; the answer is the same for all hooks."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert await hooks.post(f"/hooks/{hook}", b"webhook_id=7", form) == (200, {"accepted": False})
    assert await hooks.received("blog") == []


@pytest.mark.parametrize(
    ("raw", "status", "words"),
    [
        (b"", 422, "not JSON"),
        (b"{", 422, "not JSON"),
        (b"\xff\xfe", 422, "not JSON"),
        (b'{"a": "\xff"}', 422, "not JSON"),
        (b'{"a": "\\ud800"}', 422, "not JSON"),
        (b"[1]", 422, "not an object"),
        (b'"text"', 422, "not an object"),
        (b"null", 422, "not an object"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, 422, "without end"),
        (b'{"a":' + b"[" * 120_000 + b"]" * 120_000 + b"}", 422, "without end"),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_what_is_no_object_is_refused(hooks: HookHouse, raw: bytes, status: int, words: str) -> None:
    answer, told = await hooks.send("shop", raw)
    assert (answer, words in told["detail"]) == (status, True)
    assert await hooks.received("shop") == []


@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_the_wrong_type_is_refused(hooks: HookHouse, type_: str) -> None:
    status, told = await hooks.send("shop", PAYMENT, Content_Type=type_)
    assert (status, "application/json" in told["detail"]) == (415, True)


async def test_what_is_compressed_is_refused(hooks: HookHouse) -> None:
    """The signature is over what was sent, and a little of it could unpack to very much."""
    raw = gzip.compress(json.dumps(PAYMENT).encode())
    headers = signed(SecretStr(SECRET), id_="1", at=hooks.clock.now, body=raw)
    status, told = await hooks.post("/hooks/shop", raw, headers | {"Content-Encoding": "gzip"})
    assert (status, told["detail"]) == (415, "The body is compressed; send it as it is.")


@pytest.mark.parametrize("id_", ["", "a b", "x" * 129, "é"])
async def test_an_id_that_is_none_is_refused(hooks: HookHouse, id_: str) -> None:
    status, told = await hooks.send("shop", PAYMENT, id_=id_)
    assert (status, told["detail"]) == (422, "The delivery has no id that can be used.")


async def test_a_body_may_be_as_long_as_said(hooks: HookHouse) -> None:
    most = 256 * 1024
    frame = len(b'{"a":""}')
    assert (await hooks.send("shop", b'{"a":"' + b"x" * (most - frame) + b'"}', id_="1"))[0] == 202
    status, told = await hooks.send("shop", b'{"a":"' + b"x" * (most - frame + 1) + b'"}', id_="2")
    assert (status, told["detail"]) == (413, "The body is longer than 256 KiB.")


async def test_fifty_megabytes_are_refused_after_their_length(hooks: HookHouse) -> None:
    """The first bytes are enough to know, whether the length is told or not; nothing else waits."""
    site = hooks.parts.site
    assert site is not None
    port = int(site.url.rpartition(":")[2])
    for told in (b"Content-Length: 52428800", b"Transfer-Encoding: chunked"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + told)
        writer.write(b"\r\n\r\n")
        if told.startswith(b"Transfer"):
            piece = b"x" * 65536
            for _ in range(5):
                writer.write(b"10000\r\n" + piece + b"\r\n")
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()
    assert (await hooks.send("shop", PAYMENT))[0] == 202


async def test_who_sends_a_byte_now_and_then_is_cut_off(hooks: HookHouse) -> None:
    site = hooks.parts.site
    assert site is not None
    site.request_limit_s = 0.05
    port = int(site.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 504 ")
        rest = await reader.readuntil(b"}")
    assert b"Content-Type: application/problem+json\r\n" in rest
    assert (
        json.loads(rest.partition(b"\r\n\r\n")[2])["detail"] == "The delivery took too long. Send it again."
    )
    writer.close()


async def test_every_error_is_a_problem_document(hooks: HookHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await hooks.post("/hooks/shop/a/b", b""))[0] == 404
    monkeypatch.setattr(pages, "is_ping", None)  # nothing that can be called
    assert (await hooks.post("/hooks/shop", b"{}"))[0] == 500
    async with hooks.client.get("/hooks/shop", headers={"Accept": "text/html"}) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
        assert (await answer.json(content_type="application/problem+json"))["title"] == "Method Not Allowed"


async def test_what_cannot_be_kept_is_to_be_sent_again(open_hooks: OpenHookHouse) -> None:
    async with open_hooks() as hooks:
        store = hooks.parts.store
        assert isinstance(store, Store)
        await store.close()
        raw = json.dumps(PAYMENT).encode()
        headers = signed(SecretStr(SECRET), id_="1", at=hooks.clock.now, body=raw)
        own = headers | {"Content-Type": "application/json"}
        async with hooks.client.post("/hooks/shop", data=raw, headers=own) as answer:
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "30"
