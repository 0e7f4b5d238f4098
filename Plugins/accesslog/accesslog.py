#!/usr/bin/env python3
"""A metric provider for Headgate that reads an access log of JSON lines. The standard library is all it needs.

Headgate writes one JSON-RPC message a line to standard input and reads one a line from standard output; what goes to
standard error is logged. README.md says what may be asked.
"""

import datetime
import json
import math
import os
import re
import sys

TRANSIENT, REJECTED, MISCONFIGURED = -32001, -32002, -32003


class Refusal(Exception):
    """Why a call was not done."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


# --- Questions -----------------------------------------------------------------------------------------------------

TOKEN = re.compile(r'\s*(?:(?P<op><=|>=|==|!=|<|>)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[^\s<>=!"]+))')
COMPARE = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}
USAGE = ('ask `count`, `rate`, `share CONDITION`, `mean FIELD`, `max FIELD` or `p95 FIELD`, and perhaps '
         '`where FIELD == VALUE and …`')


class Question:
    """`share status >= 500 where version == "blue" and path != "/health"`"""

    def __init__(self, text):
        self.tokens = self.split(text)
        self.what = self.next("something to ask for")
        self.field, self.condition, self.filters = None, None, []
        percentile = re.fullmatch(r"p(\d{1,2}(?:\.\d+)?)", self.what)
        if self.what == "share":
            self.condition = self.comparison()
        elif self.what in ("mean", "max") or percentile:
            self.field = self.next("a field")
        elif self.what not in ("count", "rate"):
            raise Refusal(REJECTED, f"`{self.what}` is nothing that can be asked; {USAGE}")
        self.percentile = float(percentile.group(1)) / 100 if percentile else None
        if self.tokens:
            if self.tokens.pop(0) != "where":
                raise Refusal(REJECTED, f"`where` is wanted behind what is asked for; {USAGE}")
            self.filters.append(self.comparison())
            while self.tokens:
                if self.tokens.pop(0) != "and":
                    raise Refusal(REJECTED, f"`and` is wanted between conditions; {USAGE}")
                self.filters.append(self.comparison())

    @staticmethod
    def split(text):
        tokens, at = [], 0
        text = text.strip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise Refusal(REJECTED, f"`{text[at:at + 20]}` cannot be read; {USAGE}")
            tokens.append(match.group().strip())
            at = match.end()
        return tokens

    def next(self, wanted):
        if not self.tokens:
            raise Refusal(REJECTED, f"{wanted} is missing; {USAGE}")
        return self.tokens.pop(0)

    def comparison(self):
        field, op, value = self.next("a field"), self.next("a comparison"), self.next("a value")
        if op not in COMPARE:
            raise Refusal(REJECTED, f"`{op}` is no comparison; one of {', '.join(COMPARE)}")
        try:
            wanted = json.loads(value)
        except ValueError:
            wanted = value  # A word without quotes.
        compare = COMPARE[op]

        def holds(entry):
            found = entry.get(field)
            if isinstance(wanted, str) or isinstance(wanted, bool) or wanted is None:
                return compare(found, wanted) if op in ("==", "!=") else False
            number = as_number(found)
            return number is not None and compare(number, wanted)

        return holds

    def answer(self, entries, seconds):
        if not entries:
            return None  # A log that says nothing of that time does not say that there was nothing.
        chosen = [entry for entry in entries if all(holds(entry) for holds in self.filters)]
        if self.what == "count":
            return len(chosen)
        if self.what == "rate":
            return len(chosen) / seconds
        if self.what == "share":
            # Of nothing there is no share: a missing value, never a zero.
            return sum(map(self.condition, chosen)) / len(chosen) if chosen else None
        values = sorted(value for value in (as_number(entry.get(self.field)) for entry in chosen) if value is not None)
        if not values:
            return None
        if self.what == "mean":
            return sum(values) / len(values)
        if self.what == "max":
            return values[-1]
        return values[max(0, math.ceil(self.percentile * len(values)) - 1)]  # Nearest rank.


def as_number(value):
    """Numbers, and texts that are numbers, as nginx writes them."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


# --- The log -------------------------------------------------------------------------------------------------------


class Log:
    def __init__(self, settings, base):
        self.path = os.path.join(base, settings["path"])
        self.time = settings.get("time", "time")
        self.lag = settings.get("lag", 0)
        self.most = int(settings.get("most", 64_000_000))

    def entries(self, start, end):
        """Those from `start` to before `end`, found from the end of the file backwards."""
        found, old = [], 0
        try:
            with open(self.path, "rb") as file:
                for line in self.lines_from_end(file):
                    entry = self.entry(line)
                    if entry is None:
                        continue
                    # Lines are nearly in order: a slow request may be logged late with the time it began at. So many
                    # in a row that are a minute too old end the search.
                    old = old + 1 if entry[0] < start - 60 else 0
                    if old == 1000:
                        break
                    if start <= entry[0] < end:
                        found.append(entry[1])
        except FileNotFoundError:
            raise Refusal(MISCONFIGURED, f"there is no log {self.path}")
        except OSError as error:
            raise Refusal(TRANSIENT, f"{self.path} cannot be read: {error.strerror}")
        return found

    def lines_from_end(self, file):
        position, rest, read = file.seek(0, os.SEEK_END), b"", 0
        while position > 0:
            size = min(1 << 20, position)
            position -= size
            read += size
            if read > self.most:
                raise Refusal(REJECTED, f"the question needs more than {self.most} bytes of the log; ask about less "
                                        "time, or raise `most`")
            file.seek(position)
            lines = (file.read(size) + rest).split(b"\n")
            rest = lines[0]
            yield from reversed(lines[1:])
        yield rest

    def entry(self, line):
        try:
            value = json.loads(line)
            return self.seconds(value[self.time]), value
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            return None  # Half a line, or one that is about something else.

    @staticmethod
    def seconds(value):
        if isinstance(value, (int, float)):
            return float(value)
        try:
            return float(value)
        except ValueError:
            return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()

    def sample(self, params):
        question = Question(params["query"])
        end = params["at"] - self.lag
        window = params.get("range")
        if window is None:
            seconds = max(params["interval"], 0.001)
            return question.answer(self.entries(end - seconds, end), seconds)
        points, step = [], max(window["step"], 0.001)
        for index in range(int(window["over"] / step)):
            last = end - index * step
            points.append(question.answer(self.entries(last - step, last), step))
        return [point for point in reversed(points) if point is not None]


# --- The conversation ----------------------------------------------------------------------------------------------


class Plugin:
    def __init__(self):
        self.log = None

    def initialize(self, params):
        if 1 not in params["protocolVersions"]:
            raise Refusal(MISCONFIGURED, "this plugin speaks version 1 of the protocol")
        self.log = Log(params["settings"], params["baseDirectory"])
        if self.log.most < 1:
            raise Refusal(MISCONFIGURED, "`most` must be at least 1")
        say("info", "ready", path=self.log.path)
        return {"protocolVersion": 1, "plugin": {"name": "accesslog", "version": "1.0.0"}, "capabilities": []}

    def answer(self, method, params):
        if method == "initialize":
            return self.initialize(params)
        if method == "shutdown":
            return {}
        if self.log is None:
            raise Refusal(REJECTED, "initialize comes first")
        if method == "metrics.sample":
            return {"answer": self.log.sample(params)}
        raise Refusal(-32601, f"there is no method {method}")


def say(level, message, **facts):
    print(json.dumps({"level": level, "message": message, "facts": facts}), file=sys.stderr, flush=True)


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
                response["error"] = {"code": -32602, "message": f"the params are not those of the protocol: {error!r}"}
        output.write(json.dumps({"jsonrpc": "2.0", **response}) + "\n")
        output.flush()
        if isinstance(request, dict) and request.get("method") == "shutdown":
            return


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
