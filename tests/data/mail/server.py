"""A real SMTP server for one test: prints its port, keeps every message in a Maildir, and ends when its
standard input is closed. Arguments: the Maildir."""

import asyncio
import sys

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP


class Keeper(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    keeper = Keeper(sys.argv[1])
    server = await loop.create_server(lambda: SMTP(keeper, hostname="luoyin.example"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
