#!/usr/bin/env python3
"""A small service whose people get one of two variants of a flag, for tests of ramps.

    flagged.py STORE ENVIRONMENT KEY PORT

Reads the flag's definition from headgate's store twice a second, and evaluates it for a stream of made-up people as
flagd does (`fractional`, second generation). What it does for them, it counts by variant.

GET  /healthz     200
GET  /metrics     requests by variant and code, as Prometheus reads them
POST /knobs?...   errors=0.3 (share of those with `on` that fail), usual=0.01 (share of the others), rate=200 (a second)
"""
import json
import random
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

STORE, ENVIRONMENT, KEY, PORT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
knobs = {"errors": 0.01, "usual": 0.01, "rate": 200.0}
counts = {(variant, code): 0 for variant in ("on", "off") for code in (200, 500)}
owed = {"on": 0.0, "off": 0.0}  # Errors that a variant's share has come to, less those given: no luck decides a test.
flag = {"definition": None}


def murmur3(data, seed=0):
    def turned(x, by):
        return ((x << by) | (x >> (32 - by))) & 0xFFFFFFFF

    h, tail = seed, len(data) & ~3
    for i in range(0, tail, 4):
        k = int.from_bytes(data[i:i + 4], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        h = (turned(h ^ turned(k, 15) * 0x1B873593 & 0xFFFFFFFF, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    k = int.from_bytes(data[tail:], "little")
    if k:
        h ^= turned(k * 0xCC9E2D51 & 0xFFFFFFFF, 15) * 0x1B873593 & 0xFFFFFFFF
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def variant_for(person):
    definition = flag["definition"]
    if not definition or definition["state"] != "ENABLED":
        return "off"
    split = (definition.get("targeting") or {}).get("fractional")
    if not split:
        return definition["defaultVariant"]
    place = murmur3((KEY + person).encode()) * sum(weight for _, weight in split) >> 32
    for variant, weight in split:
        if place < weight:
            return variant
        place -= weight
    return split[-1][0]


def read_flag():
    while True:
        try:
            store = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True)
            row = store.execute(
                "SELECT entry FROM flags JOIN journal USING (seq) WHERE environment = ? AND key = ?",
                (ENVIRONMENT, KEY)).fetchone()
            store.close()
            flag["definition"] = json.loads(find_definition(json.loads(row[0]))) if row else None
        except sqlite3.Error:
            pass  # Not there yet, or just being written: once more in a moment.
        time.sleep(0.5)


def find_definition(value):
    """The flag's definition, wherever the entry has it."""
    if isinstance(value, dict):
        if isinstance(value.get("definition"), str):
            return value["definition"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            found = find_definition(item)
            if found:
                return found
    return None


def serve_people():
    due = time.monotonic()
    while True:
        due = max(due, time.monotonic() - 1) + 1 / knobs["rate"]
        variant = variant_for(f"person-{random.randrange(100_000)}")
        owed[variant] += knobs["errors"] if variant == "on" else knobs["usual"]
        fails = owed[variant] >= 1
        owed[variant] -= fails
        counts[variant, 500 if fails else 200] += 1
        time.sleep(max(0, due - time.monotonic()))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        lines = ["# TYPE requests_total counter"]
        lines += [f'requests_total{{variant="{v}",code="{c}"}} {n}' for (v, c), n in list(counts.items())]
        self.answer("\n".join(lines) + "\n" if self.path == "/metrics" else "ok\n")

    def do_POST(self):
        knobs.update((name, float(value)) for name, value in parse_qsl(urlsplit(self.path).query))
        self.answer(f"{knobs}\n")

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


for work in (read_flag, serve_people):
    threading.Thread(target=work, daemon=True).start()
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
