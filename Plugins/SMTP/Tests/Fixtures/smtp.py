"""A mail server for tests: keeps what it is sent, a JSON object a line.

    smtp.py PORT MODE FILE [CERTIFICATE KEY]

MODE is none, starttls or implicit; with encryption it takes mail only from `headgate`, whose password is `hunter2`.
Mail to refused@example.com is refused for good, mail to later@example.com for now.
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

port, mode, file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
secured = mode != "none"
context = None
if secured:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == "refused@example.com":
            return "550 5.1.1 no such user"
        if address == "later@example.com":
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.original_content.decode("latin-1"),
            "secure": session.ssl is not None,
            "user": (session.auth_data or b"").decode() if secured else None,
        }
        with open(file, "a", encoding="utf-8") as kept:
            kept.write(json.dumps(mail) + "\n")
        return "250 2.0.0 kept"


def authenticate(server, session, envelope, mechanism, data):
    ok = data.login == b"headgate" and data.password == b"hunter2"
    return AuthResult(success=ok, handled=ok, auth_data=data.login)


class Server(SMTP):
    # Over implicit TLS the library does not see that the connection is encrypted.
    def connection_made(self, transport):
        super().connection_made(transport)
        if mode == "implicit":
            self.session.ssl = transport.get_extra_info("ssl_object")


def protocol():
    return Server(
        Keeper(),
        hostname="mail.example",
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        auth_required=secured,
        auth_require_tls=mode == "starttls",
        authenticator=authenticate if secured else None,
    )


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", port, ssl=context if mode == "implicit" else None)
    await server.serve_forever()


asyncio.run(main())
