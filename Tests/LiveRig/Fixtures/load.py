#!/usr/bin/env python3
"""Sends requests over connections that stay open, and says what came back.

    load.py PORT [--requests N] [--seconds S] [--rate PER_SECOND] [--connections C] [--fresh] [--header "NAME: VALUE"]
                 [--users N]

Without --requests and --seconds it goes on until SIGTERM. Nothing is tried twice: a connection that ends or breaks while
an answer is due counts as a failure. With --fresh each request has a connection of its own. With
--users the requests are those of N users in turn, told by X-User, and the report has who got which versions. At the end one line of JSON: requests, answers by status, by version, failures by
reason.
"""
import argparse
import asyncio
import collections
import json
import signal

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--requests", type=int)
parser.add_argument("--seconds", type=float)
parser.add_argument("--rate", type=float)
parser.add_argument("--connections", type=int, default=20)
parser.add_argument("--fresh", action="store_true")
parser.add_argument("--users", type=int)
parser.add_argument("--header", action="append", default=[])
options = parser.parse_args()

HEADERS = ["Host: shop"] + ["Connection: close"] * options.fresh + options.header
users = collections.defaultdict(set)


def request(number):
    user = [f"X-User: user-{number % options.users}"] if options.users else []
    return "\r\n".join(["GET / HTTP/1.1", *HEADERS, *user, "", ""]).encode()


statuses, versions, failures = collections.Counter(), collections.Counter(), collections.Counter()
sent = 0
stopping = False


class Client(asyncio.Protocol):
    """One connection: ask(), then the future it returns has the answer's head and body."""

    def connection_made(self, transport):
        self.transport, self.received, self.due, self.open = transport, b"", None, True

    def ask(self, number):
        self.due = asyncio.get_running_loop().create_future()
        self.transport.write(request(number))
        return self.due

    def data_received(self, data):
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0 or self.due is None:
            return
        head = self.received[:end].decode("latin-1")
        fields = {}
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        if len(self.received) < end + 4 + int(fields.get("content-length", 0)):
            return
        self.received = b""
        if fields.get("connection", "").lower() == "close":
            self.open = False
            self.transport.close()
        due, self.due = self.due, None
        if not due.done():
            due.set_result((head.split(" ", 2)[1], fields.get("x-version", "-")))

    def connection_lost(self, error):
        self.open = False
        if self.due is not None and not self.due.done():
            self.due.set_exception(error or ConnectionResetError("closed before the answer"))


async def work(loop, start):
    global sent
    client = None
    while not stopping and (options.requests is None or sent < options.requests):
        number = sent
        sent += 1
        if options.rate:
            await asyncio.sleep(max(0.0, start + number / options.rate - loop.time()))
        try:
            if client is None or not client.open:
                _, client = await loop.create_connection(Client, "127.0.0.1", options.port)
            status, version = await asyncio.wait_for(client.ask(number), 10)
            statuses[status] += 1
            versions[version] += 1
            if options.users:
                users[f"user-{number % options.users}"].add(version)
        except (OSError, asyncio.TimeoutError) as error:
            failures[f"{type(error).__name__}: {error}"] += 1
            if client is not None and client.open:
                client.transport.close()
            client = None


def stop():
    global stopping
    stopping = True


async def main():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop)
    if options.seconds:
        loop.call_later(options.seconds, stop)
    await asyncio.gather(*(work(loop, loop.time()) for _ in range(options.connections)))
    answers = sum(statuses.values())
    print(json.dumps({
        "requests": answers + sum(failures.values()), "statuses": statuses, "versions": versions, "failures": failures,
        "users": {user: sorted(seen) for user, seen in users.items()},
    }), flush=True)


asyncio.run(main())
