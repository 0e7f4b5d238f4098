#!/usr/bin/env python3
"""A step of one's own for Headgate: tries a service by a few requests.

The program that speaks with Headgate makes no request itself. It starts a worker, a process with a session of its own,
which leaves what came of it in a folder named after the step's key. So the step goes on when this program or Headgate is
ended, and whoever comes next finds it by its key.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

TRANSIENT, REJECTED, MISCONFIGURED, NO_METHOD, BAD_PARAMS = -32001, -32002, -32003, -32601, -32602
LONGEST_OUTPUT = 8000  # bytes


class Refusal(Exception):
    """Why a call was not done: a code that says what kind of failure it is, and one line for people."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


# --- What a worker leaves ------------------------------------------------------------------------------------------


class Trace:
    """The folder of one key: `worker` says who is at it, `log` what it has seen, `result` what came of it."""

    def __init__(self, root, key):
        name = "".join(c if c.isalnum() and c.isascii() or c == "-" else "_%02x" % ord(c) for c in key)
        if not 0 < len(name) <= 200:
            raise Refusal(REJECTED, "the key must have 1 to 200 characters")
        self.folder = os.path.join(root, name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, name, text, anew=True):
        """In one step, so that nobody reads half of it. Without `anew`, the first who writes has the word."""
        draft = self.path(f"{name}.{os.getpid()}")
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text)
        if anew:
            return os.replace(draft, self.path(name))
        try:
            os.link(draft, self.path(name))
        except FileExistsError:
            pass
        os.unlink(draft)

    def say(self, line):
        with open(self.path("log"), "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def end(self, state, line):
        self.say(line)
        self.write("result", json.dumps({"state": state}), anew=False)

    def worker(self):
        """The process that is at it; None when there is none any more. A number may be another process's by now."""
        mark = self.read("worker")
        if mark is None:
            return None
        pid, born = mark.split()
        return int(pid) if birth(int(pid)) == born else None

    def output(self):
        """The last of what it has seen, as much as is kept; whole lines, unless the last one is longer than that."""
        log = self.read("log") or ""
        end = log.encode()[-LONGEST_OUTPUT:].decode(errors="ignore")
        start = 0 if len(end) == len(log) else end.find("\n", 0, -1) + 1
        return end[start:]

    def ended(self):
        """What came of it; None while nothing has."""
        result = self.read("result")
        return None if result is None else json.loads(result)["state"]

    def state(self):
        if not os.path.isdir(self.folder):
            return {"state": "unknown"}
        state = self.ended()
        if state is None and self.read("worker") is None:
            return {"state": "unknown"}  # Its start was never finished; it is started again.
        if state is None:
            # It may end between two looks.
            state = "running" if self.worker() else self.ended() or "lost"
        return {"state": state, "output": self.output()}


def birth(pid):
    """When a process began, as the kernel counts; None: there is none, or it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


# --- The worker ----------------------------------------------------------------------------------------------------


def complaint(url, want, token):
    """What is wrong with one answer; None: nothing."""
    request = urllib.request.Request(url, headers=dict(want["headers"]))
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=want["within"]) as answer:
            status, body = answer.status, answer.read(1_000_000)
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read(1_000_000)
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))
    # What is no HTTP has no status.
    if status is not None and status != want["status"]:
        return f"status {status} instead of {want['status']}"
    if want["contains"] not in body.decode("utf-8", "replace"):
        return f"{want['contains']!r} is not in it"
    return None


def work(folder):
    order = json.load(sys.stdin)
    trace = Trace(os.path.dirname(folder), order["key"])
    want = order["want"]
    end = time.monotonic() + order["timeout"]
    asked = failed = 0
    for _ in range(want["rounds"]):
        for path in want["paths"]:
            if time.monotonic() > end:
                return trace.end("failed", f"no time left after {asked} requests")
            wrong = complaint(order["url"] + path, want, order["token"])
            asked += 1
            failed += wrong is not None
            trace.say(f"{path}: {wrong or 'as it should be'}")
            time.sleep(want["pause"])
    if asked == 0:
        return trace.end("inconclusive", "nothing was asked")
    verdict = "passed" if failed <= want["tolerate"] else "failed"
    trace.end(verdict, f"{failed} of {asked} requests failed, {want['tolerate']} may")


# --- The conversation ----------------------------------------------------------------------------------------------


class Plugin:
    def __init__(self):
        self.settings = None
        self.root = None
        self.children = []

    def initialize(self, params):
        if 1 not in params["protocolVersions"]:
            raise Refusal(MISCONFIGURED, "this plugin speaks version 1 of the protocol")
        self.settings, self.root = params["settings"], os.path.join(params["stateDirectory"], "smoketest")
        return {"protocolVersion": 1, "plugin": {"name": "smoketest", "version": "1.0.0"}, "capabilities": []}

    def start(self, params):
        if params["step"] != "requests":
            raise Refusal(REJECTED, f"there is no step {params['step']!r}")
        given, trace = params["with"], Trace(self.root, params["key"])
        want = {
            "paths": given["paths"], "rounds": int(given.get("rounds", 1)), "pause": given.get("pause", 0),
            "within": given.get("within", 5), "status": given.get("status", 200),
            "contains": given.get("contains", ""), "headers": given.get("headers", {}),
            "tolerate": int(given.get("tolerate", 0)),
        }
        if want["within"] <= 0 or want["pause"] < 0:
            raise Refusal(REJECTED, "`within` must be more than nothing, and `pause` not less")
        os.makedirs(trace.folder, exist_ok=True)
        if trace.read("worker") is not None or trace.read("result") is not None:
            return {}  # Twice with a key is once.
        worker = subprocess.Popen(
            [sys.executable, "-B", os.path.abspath(__file__), "--work", trace.folder],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=open(trace.path("log"), "a"),
            start_new_session=True)
        # Before it is told what to do: a worker that nobody could find again does nothing.
        trace.write("worker", f"{worker.pid} {birth(worker.pid)}")
        order = {
            "key": params["key"], "want": want, "url": self.settings["url"], "timeout": params["timeout"],
            "token": self.settings.get("token"),
        }
        worker.stdin.write(json.dumps(order).encode())
        worker.stdin.close()
        self.children.append(worker)
        return {}

    def cancel(self, params):
        trace = Trace(self.root, params["key"])
        if not os.path.isdir(trace.folder):
            return {}
        worker = trace.worker()
        if worker is not None:
            try:
                os.killpg(worker, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if trace.read("result") is None:
            trace.end("failed", "cancelled")
        return {}

    def answer(self, method, params):
        self.children = [child for child in self.children if child.poll() is None]
        if method == "initialize":
            return self.initialize(params)
        if method == "shutdown":
            return {}
        if self.settings is None:
            raise Refusal(REJECTED, "initialize comes first")
        if method == "step.start":
            return self.start(params)
        if method == "step.poll":
            return Trace(self.root, params["key"]).state()
        if method == "step.cancel":
            return self.cancel(params)
        raise Refusal(NO_METHOD, f"there is no method {method}")


def serve(lines, output):
    plugin = Plugin()
    for line in lines:
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            response = {"id": None, "error": {"code": -32700, "message": "this is not a JSON object"}}
        elif "id" not in request:
            continue  # `$/cancel`: calls are answered one after the other, so there is nothing to give up.
        else:
            response = {"id": request["id"]}
            try:
                response["result"] = plugin.answer(request.get("method"), request.get("params", {}))
            except Refusal as refusal:
                response["error"] = {"code": refusal.code, "message": str(refusal)}
            except (KeyError, TypeError, ValueError) as error:
                response["error"] = {"code": BAD_PARAMS, "message": f"the params are not those of the protocol: {error!r}"}
            except OSError as error:
                response["error"] = {"code": MISCONFIGURED, "message": f"its files: {error.strerror}: {error.filename}"}
        output.write(json.dumps({"jsonrpc": "2.0", **response}) + "\n")
        output.flush()
        if isinstance(request, dict) and request.get("method") == "shutdown":
            return


if __name__ == "__main__":
    work(sys.argv[2]) if sys.argv[1:2] == ["--work"] else serve(sys.stdin, sys.stdout)
