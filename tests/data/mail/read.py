"""Reads a Maildir with Python's email package, which shares no code with the sender, and prints one JSON
object a message. Arguments: the Maildir."""

import email.policy
import email.utils
import json
import mailbox
import sys


def read(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "subject": str(message["Subject"]),
        "from": [[one.display_name, one.addr_spec] for one in message["From"].addresses],
        "to": [[one.display_name, one.addr_spec] for one in message["To"].addresses],
        "envelope_to": message["X-RcptTo"],
        "date": message["Date"].datetime.isoformat(),
        "message_id": message["Message-ID"],
        "references": message["References"],
        "other_recipients": [name for name in ("Cc", "Bcc", "Resent-To") if message[name]],
        "type": message.get_content_type(),
        "parts": [part.get_content_type() for part in message.iter_parts()],
        "text": plain.get_content(),
        "html": html.get_content(),
        "defects": [str(one) for part in message.walk() for one in part.defects],
    }


for message in mailbox.Maildir(sys.argv[1]):
    print(json.dumps(read(bytes(message)), ensure_ascii=False))
