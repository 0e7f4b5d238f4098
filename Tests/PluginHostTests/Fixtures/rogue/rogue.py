"""Misbehaves as it is told. The host's tests ask it by name for what a plugin must not do."""

import json
import os
import random
import subprocess
import sys
import threading
import time

lock = threading.Lock()
settings = {}
# Answered when they are cancelled, so too late for sure.
given_up_later = set()


def write(text):
    with lock:
        sys.stdout.write(text)
        sys.stdout.flush()


def answer(id, result):
    write(json.dumps({"jsonrpc": "2.0", "id": id, "result": result}) + "\n")


def refuse(id, code, message):
    write(json.dumps({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}) + "\n")


def hang():
    while True:
        time.sleep(3600)


def fuzz(id, seed):
    """Whatever bytes may come: mostly such as look like an answer."""
    chance = random.Random(seed)
    for _ in range(chance.randrange(1, 12)):
        good = json.dumps({"jsonrpc": "2.0", "id": id, "result": {"answer": chance.choice([1, "x", None, [1, 2]])}}).encode()
        cut = chance.randrange(len(good) + 1)
        flipped = bytearray(good)
        flipped[chance.randrange(len(good))] = chance.randrange(256)
        choice = chance.choice([
            good, good[:cut], good[cut:], bytes(flipped), chance.randbytes(chance.randrange(300)), b"", b"{}", b"[]",
            b"null", b'"x"', b"[" * 4000, b'{"jsonrpc":"2.0","id":%d}' % 2**70, b'{"jsonrpc":"2.0","id":1e400}',
            b'{"jsonrpc":"2.0","id":-1,"result":{}}', b'{"jsonrpc":"2.0","id":"1","result":{}}', b"x" * 70000,
            good.replace(b"2.0", b"1.0"), good.replace(b'"id"', b'"id":3,"id"'),
        ])
        with lock:
            sys.stdout.buffer.write(choice + chance.choice([b"\n", b"\n", b"\r\n", b""]))
            sys.stdout.buffer.flush()
        with lock:
            sys.stderr.buffer.write(chance.randbytes(chance.randrange(2000)))
            sys.stderr.buffer.flush()
    end = chance.randrange(8)
    if end == 0:
        subprocess.Popen(["sleep", "1000"])
        os.kill(os.getpid(), 9)
    if end == 1:
        os.close(1)
    if end == 2:
        hang()


def initialize(id, params):
    settings.update(params["settings"])
    start = settings.get("start", "good")
    if start == "exit":
        print("no such cluster", file=sys.stderr, flush=True)
        os._exit(7)
    if start == "silent":
        hang()
    if start == "rubbish":
        write("Welcome!\n")
    if start == "refuse":
        return refuse(id, -32003, f"the token {settings.get('token')} is of yesterday\x1b[2J\nand this a second line")
    version = 2 if start == "wrong" else 1
    answer(id, {"protocolVersion": version, "plugin": {"name": "rogue", "version": "0"}, "capabilities": []})


def sample(id, word, *words):
    if word == "crash":
        print("segmentation of everything", file=sys.stderr, flush=True)
        os._exit(3)
    elif word == "die":
        os.kill(os.getpid(), 9)
    elif word == "hang":
        hang()
    elif word == "ignore":
        pass
    elif word == "late":
        given_up_later.add(id)
    elif word == "twice":
        answer(id, {"answer": 1})
        answer(id, {"answer": 2})
    elif word == "other":
        answer(id + 100000, {"answer": 1})
        answer(id, {"answer": 2})
    elif word == "rubbish":
        write("".join(f"rubbish {n}\n" for n in range(int(words[0]))))
        answer(id, {"answer": "after rubbish"})
    elif word == "flood":
        while True:
            write("x" * 1000 + "\n")
    elif word == "endless":
        while True:
            write("x" * 1000)
    elif word == "noise":
        for _ in range(int(words[0])):
            print("noise " * 100, file=sys.stderr)
        answer(id, {"answer": "after noise"})
    elif word == "partial":
        line = json.dumps({"jsonrpc": "2.0", "id": id, "result": {"answer": "in parts"}}) + "\n"
        for character in line:
            write(character)
    elif word == "wrong":
        answer(id, {"anwser": 1})
    elif word == "empty":
        write(json.dumps({"jsonrpc": "2.0", "id": id}) + "\n")
    elif word == "both":
        write(json.dumps({"jsonrpc": "2.0", "id": id, "result": {"answer": 1}, "error": {"code": 1, "message": "x"}}) + "\n")
    elif word == "deep":
        write('{"jsonrpc":"2.0","id":%d,"result":{"answer":%s1%s}}\n' % (id, "[" * 5000, "]" * 5000))
    elif word == "nan":
        answer(id, {"answer": ["NaN", "+Inf", "-Inf", "Nan", None, True, {"b": 1, "a": 2}]})
    elif word == "bytes":
        with lock:
            sys.stdout.buffer.write(b"\xff\xfe{\x00\n")
            sys.stdout.buffer.flush()
        answer(id, {"answer": "after bytes"})
    elif word == "close":
        os.close(1)
        hang()
    elif word == "deaf":
        os.close(0)
        answer(id, {"answer": "deaf"})
        hang()
    elif word == "memory":
        bytearray(1 << 30)
        answer(id, {"answer": "it was given"})
    elif word == "children":
        answer(id, {"answer": [subprocess.Popen(["sleep", "1000"]).pid, os.getpid()]})
    elif word == "environment":
        answer(id, {"answer": dict(os.environ)})
    elif word == "secret":
        print(json.dumps({"level": "error", "message": f"token {settings['token']}"}), file=sys.stderr, flush=True)
        refuse(id, -32002, f"no series for {settings['token']}")
    elif word == "code":
        refuse(id, int(words[0]), "so it is")
    elif word == "fuzz":
        fuzz(id, int(words[0]))
    elif word == "backwards":
        # What is hidden from messages can be seen so.
        answer(id, {"answer": {name: str(value)[::-1] for name, value in settings.items()}})
    elif word == "settings":
        answer(id, {"answer": settings})
    else:
        answer(id, {"answer": float(word)})


for line in iter(sys.stdin.readline, ""):
    request = json.loads(line)
    method, id, params = request["method"], request.get("id"), request.get("params", {})
    if method == "initialize":
        initialize(id, params)
    elif method == "shutdown":
        answer(id, {})
        break
    elif method == "$/cancel":
        if params["id"] in given_up_later:
            answer(params["id"], {"answer": "late"})
        print(json.dumps({"level": "info", "message": "cancelled", "facts": params}), file=sys.stderr, flush=True)
    elif method == "metrics.sample":
        sample(id, *params["query"].split())
os._exit(0)
