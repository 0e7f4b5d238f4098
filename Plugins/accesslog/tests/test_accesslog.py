"""python3 -B -m unittest discover Plugins/accesslog/tests"""

import io
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import accesslog  # noqa: E402

SAMPLE = os.path.join(os.path.dirname(__file__), "..", "sample.jsonl")
END = 1_700_000_120


def converse(*messages):
    output = io.StringIO()
    accesslog.serve((m if isinstance(m, str) else json.dumps(m) for m in messages), output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def hello(**settings):
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersions": [1], "settings": {"path": SAMPLE, **settings}, "baseDirectory": "/"}}


def ask(query, at=END, interval=120, **more):
    request = {"jsonrpc": "2.0", "id": 2, "method": "metrics.sample", "params": {
        "metric": "m", "query": query, "at": at, "interval": interval, "within": 5, **more}}
    return converse(hello(), request)[1]


class Questions(unittest.TestCase):
    def answer(self, query, **more):
        return ask(query, **more)["result"]["answer"]

    def test_counts_what_is_in_the_window(self):
        self.assertEqual(self.answer("count"), 120)
        self.assertEqual(self.answer("count", interval=60), 60)
        self.assertEqual(self.answer("count", at=END - 120), None)

    def test_shares_are_of_what_was_chosen(self):
        self.assertAlmostEqual(self.answer("share status >= 500"), 4 / 120)
        self.assertAlmostEqual(self.answer('share status >= 500 where version == "green"'), 2 / 30)

    def test_the_share_of_nothing_is_missing(self):
        self.assertIsNone(self.answer("share status >= 500 where version == purple"))
        self.assertIsNone(self.answer("p95 no_such_field"))

    def test_percentiles_are_by_nearest_rank(self):
        self.assertEqual(self.answer("p50 seconds", interval=10, at=END), 0.034)
        self.assertEqual(self.answer("max seconds"), 0.069)

    def test_a_range_has_a_point_for_each_step(self):
        self.assertEqual(self.answer("count", range={"over": 60, "step": 20}), [20, 20, 20])

    def test_what_cannot_be_asked_is_rejected_with_a_mend(self):
        for query in ("", "median of everything", "share", "share status ~ 5", "count where", "count or"):
            error = ask(query)["error"]
            self.assertEqual(error["code"], accesslog.REJECTED, query)
            self.assertIn("share", error["message"] + "share" * ("comparison" in error["message"]))


class Files(unittest.TestCase):
    def test_half_a_line_and_other_lines_are_passed_over(self):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as file:
            file.write('{"time": 10, "status": 200}\nstarted\n[1]\n{"time": "1970-01-01T00:00:11Z"}\n{"time": 12, "sta')
        self.addCleanup(os.unlink, file.name)
        request = {"jsonrpc": "2.0", "id": 2, "method": "metrics.sample", "params": {
            "metric": "m", "query": "count", "at": 20, "interval": 20, "within": 5}}
        self.assertEqual(converse(hello(path=file.name), request)[1]["result"]["answer"], 2)

    def test_no_file_is_for_the_operator_to_mend(self):
        request = {"jsonrpc": "2.0", "id": 2, "method": "metrics.sample", "params": {
            "metric": "m", "query": "count", "at": 20, "interval": 20, "within": 5}}
        error = converse(hello(path="/no/such/log"), request)[1]["error"]
        self.assertEqual(error["code"], accesslog.MISCONFIGURED)

    def test_no_more_is_read_than_allowed(self):
        request = {"jsonrpc": "2.0", "id": 2, "method": "metrics.sample", "params": {
            "metric": "m", "query": "count", "at": END, "interval": 60, "within": 5}}
        self.assertEqual(converse(hello(most=100), request)[1]["error"]["code"], accesslog.REJECTED)


class Conversation(unittest.TestCase):
    def test_rubbish_is_answered_and_survived(self):
        answers = converse("{", "[]", hello(), {"jsonrpc": "2.0", "method": "$/cancel", "params": {"id": 9}},
                           {"jsonrpc": "2.0", "id": 3, "method": "no.such"})
        self.assertEqual([a.get("error", {}).get("code") for a in answers], [-32700, -32700, None, -32601])

    def test_shutdown_ends_it(self):
        answers = converse(hello(), {"jsonrpc": "2.0", "id": 4, "method": "shutdown", "params": {}}, hello())
        self.assertEqual(len(answers), 2)


if __name__ == "__main__":
    unittest.main()
