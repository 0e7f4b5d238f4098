"""The plugin against a service on loopback: what passes, what fails, what survives a restart."""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "smoketest.py")


class Service(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_GET(self):
        Service.seen.append((self.path, self.headers.get("Authorization"), self.headers.get("x-canary")))
        status = 503 if self.path == "/broken" else 200
        body = b"all is well"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Conversation:
    def __init__(self, state, url, **settings):
        self.process = subprocess.Popen(
            [sys.executable, "-B", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.number = 0
        self.call("initialize", protocolVersions=[1], settings={"url": url, **settings}, stateDirectory=state)

    def call(self, method, **params):
        self.number += 1
        request = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["id"] == self.number
        return answer.get("result", answer.get("error"))

    def start(self, key="41-7", step="requests", **given):
        return self.call("step.start", step=step, stage="smoke", key=key, values={}, timeout=600, within=30, **{"with": given})

    def poll(self, key="41-7"):
        return self.call("step.poll", key=key, within=30)

    def cancel(self, key="41-7"):
        return self.call("step.cancel", key=key, within=30)

    def end(self, key="41-7"):
        give_up = time.monotonic() + 120
        while self.poll(key)["state"] == "running" and time.monotonic() < give_up:
            time.sleep(0.02)
        return self.poll(key)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class SmokeTest(unittest.TestCase):
    def setUp(self):
        Service.seen = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.folder = tempfile.TemporaryDirectory()
        self.plugin = Conversation(self.folder.name, self.url, token="s3cret")

    def tearDown(self):
        self.plugin.close()
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def test_good_answers_pass(self):
        self.plugin.start(paths=["/", "/cart"], rounds=2, contains="well", headers={"x-canary": "always"})
        end = self.plugin.end()
        self.assertEqual(end["state"], "passed")
        self.assertIn("0 of 4 requests failed", end["output"])
        self.assertEqual(Service.seen[0], ("/", "Bearer s3cret", "always"))
        self.assertEqual(self.plugin.end()["state"], "passed")

    def test_a_wrong_status_fails_unless_it_is_tolerated(self):
        self.plugin.start(paths=["/", "/broken"])
        self.assertEqual(self.plugin.end()["state"], "failed")
        self.assertIn("/broken: status 503 instead of 200", self.plugin.end()["output"])
        self.plugin.start(key="b", paths=["/", "/broken"], tolerate=1)
        self.assertEqual(self.plugin.end("b")["state"], "passed")

    def test_of_much_output_the_last_lines_are_kept_whole(self):
        self.plugin.start(paths=["/broken"], rounds=400)
        output = self.plugin.end()["output"]
        self.assertLessEqual(len(output.encode()), 8000)
        lines = output.splitlines()
        self.assertGreater(len(lines), 50)
        for line in lines[:-1]:
            self.assertTrue(line.startswith(lines[1][:5]), line)
        self.assertIn("400 of 400 requests failed", lines[-1])

    def test_nothing_asked_is_no_pass(self):
        self.plugin.start(paths=[])
        self.assertEqual(self.plugin.end()["state"], "inconclusive")

    def test_a_service_that_is_not_there_fails(self):
        other = Conversation(self.folder.name, "http://127.0.0.1:1")
        other.start(key="gone", paths=["/"])
        self.assertEqual(other.end("gone")["state"], "failed")
        other.close()

    def test_twice_with_a_key_is_once(self):
        self.plugin.start(paths=["/once"])
        self.plugin.start(paths=["/once"])
        self.plugin.end()
        self.assertEqual(len(Service.seen), 1)

    def test_a_step_goes_on_without_the_program_and_is_found_again(self):
        self.plugin.start(paths=["/"], rounds=1000, pause=0.01)
        self.plugin.close()
        self.plugin = Conversation(self.folder.name, self.url)
        self.assertEqual(self.plugin.poll()["state"], "running")
        self.assertEqual(self.plugin.cancel(), {})
        end = self.plugin.end()
        self.assertEqual(end["state"], "failed")
        self.assertIn("cancelled", end["output"])
        self.assertEqual(self.plugin.cancel(), {})

    def test_what_is_unknown_is_said_to_be(self):
        self.assertEqual(self.plugin.poll("never"), {"state": "unknown"})
        self.assertEqual(self.plugin.cancel("never"), {})
        self.assertEqual(self.plugin.start(step="dance", paths=[])["code"], -32002)
        self.assertEqual(self.plugin.call("step.start")["code"], -32602)


if __name__ == "__main__":
    unittest.main()
