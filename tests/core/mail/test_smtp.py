"""Handing letters to real mail servers: what they get, and what their answers mean."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from palabre.base.guards import transaction_open
from palabre.base.ids import new_id
from palabre.base.settings import SettingsError
from palabre.mail.smtp import NotDelivered, Outgoing, SmtpCarrier, parse
from tests.core.mail.support import certificate, mail_server

PUBLIC = "https://app.palabre.test"


def letter(recipient: str = "awa@example.org", **more: str) -> Outgoing:
    values = {"sender_name": "Agence Baobab", "subject": "Bonjour à tous", **more}
    return Outgoing(
        id=new_id(),
        recipient=recipient,
        text="Échéance\u00a0: demain\n",
        html="<p>Échéance\u00a0: demain</p>",
        created_at=datetime(2026, 11, 21, 4, 0, tzinfo=UTC),
        **values,
    )


async def test_the_server_gets_text_and_html_from_the_agency() -> None:
    async with mail_server() as server:
        sent = letter()
        carrier = SmtpCarrier(parse(f"smtp://127.0.0.1:{server.port}?tls=none", PUBLIC))
        await carrier.carry(sent)
        await carrier.close()

    message = server.received[0]
    assert message["From"] == "Agence Baobab <no-reply@app.palabre.test>"
    assert message["To"] == "awa@example.org"
    assert message["Subject"] == "Bonjour à tous"
    assert message["Message-ID"] == f"<{sent.id.hex}@app.palabre.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.iter_parts()
    assert text.get_content().splitlines() == sent.text.splitlines()
    assert html.get_content().strip() == sent.html


async def test_a_subject_cannot_begin_another_header_and_an_address_is_one() -> None:
    async with mail_server() as server:
        carrier = SmtpCarrier(parse(f"smtp://127.0.0.1:{server.port}?tls=none", PUBLIC))
        for strange in (
            letter(subject="Hi\r\nBcc: all@example.org"),
            letter("awa@example.org, all@example.org"),
            letter("awa@example.org\r\nBcc: all@example.org"),
        ):
            with pytest.raises(NotDelivered) as refused:
                await carrier.carry(strange)
            assert refused.value.final
        await carrier.close()
    assert server.received == []


@pytest.mark.parametrize(
    ("command", "answer", "final", "away"),
    [
        ("RCPT", "550 5.1.1 No such user awa@example.org", True, False),
        ("RCPT", "450 4.2.1 Mailbox busy", False, False),
        ("DATA", "554 5.7.1 Looks like spam", True, False),
        ("DATA", "451 4.3.0 Try later", False, False),
        ("MAIL", "553 5.1.8 We do not know you", False, True),
        ("MAIL", "421 4.7.0 Too many letters", False, True),
    ],
)
async def test_only_a_word_about_the_letter_is_final(
    command: str, answer: str, final: bool, away: bool
) -> None:
    async with mail_server() as server:
        server.answers[command] = answer
        carrier = SmtpCarrier(parse(f"smtp://127.0.0.1:{server.port}?tls=none", PUBLIC))
        with pytest.raises(NotDelivered) as refused:
            await carrier.carry(letter())
        assert (refused.value.final, refused.value.away) == (final, away)
        assert "example.org" not in refused.value.reason
        server.answers.clear()
        await carrier.carry(letter())
        await carrier.close()
    assert len(server.received) == 1


async def test_starttls_comes_before_the_password(tmp_path: Path) -> None:
    its, ours = certificate(tmp_path)
    async with mail_server(starttls=its, login=True) as server:
        right = parse(f"smtp://bao%40bab:right@127.0.0.1:{server.port}", PUBLIC)
        carrier = SmtpCarrier(right, trust=ours)
        await carrier.carry(letter())
        await carrier.close()
        assert server.encrypted == [True]
        assert server.logins == [("bao@bab", "right")]

        wrong = parse(f"smtp://baobab:wrong@127.0.0.1:{server.port}", PUBLIC)
        with pytest.raises(NotDelivered) as refused:
            await SmtpCarrier(wrong, trust=ours).carry(letter())
        assert refused.value.away
        assert not refused.value.final


async def test_without_tls_or_with_a_certificate_nobody_vouches_for_nothing_leaves(
    tmp_path: Path,
) -> None:
    async with mail_server() as bare:
        with pytest.raises(NotDelivered) as refused:
            await SmtpCarrier(parse(f"smtp://127.0.0.1:{bare.port}", PUBLIC)).carry(letter())
        assert refused.value.away
    its, _ = certificate(tmp_path)
    async with mail_server(starttls=its, login=True) as unknown:
        url = f"smtp://baobab:right@127.0.0.1:{unknown.port}"
        with pytest.raises(NotDelivered):
            await SmtpCarrier(parse(url, PUBLIC)).carry(letter())
    assert bare.received == unknown.received == []
    assert unknown.logins == []


async def test_a_server_that_is_down_makes_letters_wait() -> None:
    async with mail_server() as server:
        port = server.port
    with pytest.raises(NotDelivered) as refused:
        await SmtpCarrier(parse(f"smtp://127.0.0.1:{port}?tls=none", PUBLIC)).carry(letter())
    assert refused.value.away


async def test_nothing_is_sent_while_a_transaction_is_open() -> None:
    token = transaction_open.set(True)
    with pytest.raises(RuntimeError, match="after the transaction"):
        await SmtpCarrier(parse("smtp://127.0.0.1:9?tls=none", PUBLIC)).carry(letter())
    transaction_open.reset(token)


def test_addresses_of_servers() -> None:
    given = parse("smtps://u:p%3A@mail.example.org?from=bonjour@baobab.sn", PUBLIC)
    assert (given.host, given.port, given.tls) == ("mail.example.org", 465, "tls")
    assert (given.user, given.password.reveal(), given.sender) == ("u", "p:", "bonjour@baobab.sn")
    assert "p:" not in repr(given)
    plain = parse("smtp://mail.example.org", PUBLIC)
    assert (plain.port, plain.tls, plain.sender) == (587, "starttls", "no-reply@app.palabre.test")


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org",
        "smtp://",
        "smtp://mail.example.org:99999",
        "smtp://mail.example.org?tls=maybe",
        "smtp://mail.example.org?verify=no",
        "smtp://u:s3cr3t@mail.example.org?tls=none",
    ],
)
def test_an_address_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse(url, PUBLIC)
    assert "PALABRE_SMTP_URL" in str(refused.value)
    assert "s3cr3t" not in str(refused.value)
