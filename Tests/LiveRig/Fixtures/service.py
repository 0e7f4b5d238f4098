#!/usr/bin/env python3
"""One version of a small shop, for tests and the live demo.

    service.py VERSION PORT

GET  /            the version, also as X-Version
GET  /healthz     200, or 503 when told to be ill
GET  /metrics     requests by code and a histogram of their duration, as Prometheus reads them
POST /knobs?...   errors=0.3 (share answered with 500), delay=0.05 (seconds), healthy=0
"""
import asyncio
import sys
from urllib.parse import parse_qsl, urlsplit

VERSION, PORT = sys.argv[1], int(sys.argv[2])
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
knobs = {"errors": 0.0, "delay": 0.0, "healthy": 1.0}
codes = {200: 0, 500: 0}
buckets = [0] * (len(BOUNDS) + 1)
total = {"seconds": 0.0, "owed": 0.0}  # Errors owed to the share, less those given: no luck decides a test.


def metrics():
    lines = ["# TYPE shop_requests_total counter"]
    lines += [f'shop_requests_total{{version="{VERSION}",code="{c}"}} {n}' for c, n in codes.items()]
    lines.append("# TYPE shop_request_seconds histogram")
    so_far = 0
    for bound, count in zip((*BOUNDS, "+Inf"), buckets):
        so_far += count
        lines.append(f'shop_request_seconds_bucket{{version="{VERSION}",le="{bound}"}} {so_far}')
    lines.append(f'shop_request_seconds_sum{{version="{VERSION}"}} {total["seconds"]}')
    lines.append(f'shop_request_seconds_count{{version="{VERSION}"}} {so_far}')
    return "\n".join(lines) + "\n"


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.received, self.busy = transport, b"", False

    def data_received(self, data):
        self.received += data
        self.next()

    def next(self):
        end = self.received.find(b"\r\n\r\n")
        if self.busy or end < 0:
            return
        head, self.received = self.received[:end].decode("latin-1"), self.received[end + 4:]
        method, target = head.split(" ", 2)[:2]
        self.closing = "connection: close" in head.lower()
        self.serve(method, urlsplit(target))

    def serve(self, method, target):
        if target.path == "/healthz":
            self.answer(200 if knobs["healthy"] else 503, "ok\n")
        elif target.path == "/metrics":
            self.answer(200, metrics())
        elif target.path == "/knobs" and method == "POST":
            knobs.update((name, float(value)) for name, value in parse_qsl(target.query))
            self.answer(200, f"{knobs}\n")
        else:
            self.busy, self.began = True, LOOP.time()
            LOOP.call_later(knobs["delay"], self.shop) if knobs["delay"] else self.shop()

    def shop(self):
        total["owed"] += knobs["errors"]
        code = 500 if total["owed"] >= 1 else 200
        total["owed"] -= code == 500
        took = LOOP.time() - self.began
        codes[code] += 1
        total["seconds"] += took
        buckets[next((i for i, bound in enumerate(BOUNDS) if took <= bound), len(BOUNDS))] += 1
        self.busy = False
        self.answer(code, f"{VERSION}\n")

    def answer(self, code, body):
        if self.transport.is_closing():
            return
        text = f"HTTP/1.1 {code} {'OK' if code < 400 else 'Trouble'}\r\nX-Version: {VERSION}\r\n"
        text += f"Content-Type: text/plain; version=0.0.4\r\nContent-Length: {len(body.encode())}\r\n"
        text += "Connection: close\r\n\r\n" if self.closing else "\r\n"
        self.transport.write((text + body).encode())
        if self.closing:
            self.transport.close()
        else:
            self.next()


async def main():
    server = await LOOP.create_server(Connection, "127.0.0.1", PORT, backlog=1024)
    await server.serve_forever()


LOOP = asyncio.new_event_loop()
LOOP.run_until_complete(main())
