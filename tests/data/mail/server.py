"""A real SMTP server for one test: prints its port, keeps every message in a Maildir, and ends when its
standard input is closed. Arguments: the Maildir; and for TLS `tls` or `starttls`, the certificate and its key.
With TLS it takes mail only from those who log in, as Debian's and everybody's servers do."""

import asyncio
import ssl
import sys

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Keeper(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def may_log_in(server, session, envelope, mechanism, given):
    right = (given.login, given.password) == (b"yuqing", "密码 1".encode())
    return AuthResult(success=right, handled=False)


def options(security):
    """What the protocol and the listener are told for a kind of security."""
    if not security:
        return {}, None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    login = {"authenticator": may_log_in, "auth_required": True}
    if security == "tls":
        return {**login, "auth_require_tls": False}, context
    return {**login, "tls_context": context, "require_starttls": True}, None


async def main():
    loop = asyncio.get_running_loop()
    keeper = Keeper(sys.argv[1])
    told, context = options(sys.argv[2] if len(sys.argv) > 2 else None)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="luoyin.example", **told), "127.0.0.1", 0, ssl=context
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
