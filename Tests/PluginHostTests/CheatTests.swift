import Foundation
import PipelineModel
import Testing

@testable import PluginHost

/// Plugins that do nothing of what they say, and look like it at first sight: `headgate plugin check` finds each by the
/// promise it breaks, and wants what would show it where plugin.yaml leaves it out.
@Suite struct CheatTests {
  /// A plugin that answers as `program` says: a function `handle(method, params)` in Python.
  private func findings(
    _ kind: String, _ program: String, calls: Int = 1, grace: Interval = .seconds(30)
  ) async throws -> [PluginCheck.Finding] {
    try await Stage.with { stage in
      let folder = "\(stage.folder)/cheat"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data((Self.frame + program + "\n\nserve()\n").utf8).write(to: URL(filePath: "\(folder)/cheat.py"))
      let indented = kind.split(separator: "\n").map { "    \($0)\n" }.joined()
      try Data((Self.head(calls) + indented).utf8).write(to: URL(filePath: "\(folder)/plugin.yaml"))
      return await conformance(of: try Stage.plugin(folder), grace: grace)
    }
  }

  private func broken(
    _ kind: String, _ program: String, calls: Int = 1, grace: Interval = .seconds(30)
  ) async throws -> [String] {
    try await findings(kind, program, calls: calls, grace: grace).filter { !$0.complaints.isEmpty }.map(\.promise)
  }

  @Test(.installed("python3")) func `a provider that answers 0 to everything is found by what it must not answer`()
    async throws
  {
    let zero = "def handle(method, params):\n    params['query']\n    return {'answer': 0}\n"
    let broken = try await broken(
      "port: metrics\nabout: Zero.\ncheck: { queries: [errors], badQuery: '((', emptyQuery: nothing, neverSlow: it is 0 }",
      zero)
    #expect(
      broken == [
        "`((`, asked once is rejected", "`((`, asked twice is rejected",
        "`nothing`, asked once, is answered by no data", "`nothing`, asked twice, is answered by no data",
        "2 calls at once are each answered rightly",
      ])
  }

  @Test(
    .installed("python3"),
    arguments: [
      ("metrics", ["queries", "badQuery", "emptyQuery", "slowQuery"]), ("traffic", ["route"]),
      ("deployment", ["version", "badVersion", "slowVersion", "running"]), ("notification", ["received"]),
    ])
  func `what plugin.yaml leaves out is refused by its name`(port: String, keys: [String]) async throws {
    let idle = "def handle(method, params):\n    return {'answer': 0, 'percent': 0, 'state': 'ready'}\n"
    let findings = try await findings("port: \(port)\nabout: Idle.\ncheck: {}", idle, calls: 16)
    let refused = findings.filter { $0.promise.hasPrefix("plugin.yaml gives ") }
    #expect(refused.map(\.promise) == keys.map { "plugin.yaml gives `\($0)`" })
    #expect(refused.allSatisfy { $0.complaints.count == 1 && $0.complaints[0].contains("; without it ") })
  }

  // MARK: Several calls

  private static let slow =
    "port: metrics\nabout: Slow.\ncheck: { queries: ['5'], badQuery: no number, emptyQuery: none, slowQuery: slow }"

  private static let numbers = #"""
    def number(query):
        return None if query == "none" else float(query)

    """#

  private static let given = "`slow`, given up under way, is answered within "

  @Test(.installed("python3")) func `a good provider that takes many calls keeps every promise`() async throws {
    let findings = try await findings(Self.slow, Self.patient(gives: "raise Refusal(-32800, 'given up')"), calls: 16)
    #expect(findings.flatMap(\.complaints) == [])
  }

  @Test(.installed("python3")) func `a provider that ignores that a call was given up is found`() async throws {
    let broken = try await broken(Self.slow, Self.patient(gives: "pass"), calls: 16, grace: .seconds(2))
    #expect(broken.contains { $0.hasPrefix(Self.given) }, "\(broken)")
  }

  @Test(.installed("python3")) func `one that answers call after call does not take sixteen at once`() async throws {
    let serial =
      Self.numbers + #"""
        def handle(method, params):
            if params["query"] == "slow":
                time.sleep(3)
                return {"answer": 5}
            return {"answer": number(params["query"])}
        """#
    let findings = try await findings(Self.slow, serial, calls: 16)
    let found = findings.first { $0.promise.hasPrefix(Self.given) }
    #expect(
      found?.complaints == ["it was answered before a question that was asked after it: give one that is slow"])
  }

  @Test(.installed("python3")) func `one that takes a call at a time, and as long as it likes, is found`() async throws
  {
    let endless =
      Self.numbers + #"""
        def handle(method, params):
            if params["query"] == "slow":
                time.sleep(60)
            return {"answer": number(params["query"])}
        """#
    let broken = try await broken(Self.slow, endless, grace: .seconds(2))
    #expect(broken.contains { $0.hasPrefix(Self.given) }, "\(broken)")
  }

  @Test(.installed("python3")) func `one that takes a call at a time says why it needs no slow question`() async throws
  {
    let kind = "port: metrics\nabout: Quick.\ncheck: { queries: ['5'], badQuery: no number, emptyQuery: none"
    let quick = Self.numbers + "def handle(method, params):\n    return {'answer': number(params['query'])}\n"
    #expect(try await broken("\(kind), neverSlow: it only counts }", quick) == [])
    #expect(try await broken("\(kind) }", quick) == ["plugin.yaml gives `slowQuery`"])
    #expect(
      try await broken("\(kind), neverSlow: it only counts }", quick, calls: 16) == ["plugin.yaml gives `slowQuery`"])
  }

  @Test(.installed("python3")) func `an answer that comes to another call is found`() async throws {
    let broken = try await broken(Self.slow, Self.mixed, calls: 16)
    #expect(broken == ["16 calls at once are each answered rightly"])
  }

  /// Answers each call on a thread of its own; `slow` waits until it is given up.
  private static func patient(gives up: String) -> String {
    numbers + #"""
      threaded = True

      def handle(method, params):
          while params["query"] == "slow":
              if params["id"] in given_up:
                  \#(up)
              time.sleep(0.01)
          return {"answer": number(params["query"])}
      """#
  }

  /// Answers what comes within a while together, and each with what is another's.
  private static let mixed = #"""
    threaded = True
    waiting = []

    def handle(method, params):
        while params["query"] == "slow":
            if params["id"] in given_up:
                raise Refusal(-32800, "given up")
            time.sleep(0.01)
        waiting.append(params["query"])
        time.sleep(0.3)
        query = waiting.pop()
        return {"answer": None if query == "none" else float(query)}
    """#

  // MARK: The other ports

  @Test(.installed("python3")) func `a deployer that is always ready is found by what must not come up`() async throws {
    let ready = "def handle(method, params):\n    params['key']\n    return {'state': 'ready'}\n"
    let broken = try await broken(
      "port: deployment\nabout: Ready.\ncheck: { version: v1, badVersion: v2, slowVersion: v3, running: [echo] }", ready
    )
    for promise in [
      "a version that was never started is not ready", "a bad version is reported as failed",
      "a version that was stopped is not ready, asked once", "a version that was stopped has failed",
      "what it has stopped is not ready",
    ] { #expect(broken.contains(promise), "\(broken)") }
  }

  /// A deployer that notes each instance in a line of a file: its key, its version, when it began, its service and slot.
  private static func instances(_ start: String, stop: String) -> String {
    #"""
    import os

    def path():
        os.makedirs(home["stateDirectory"], exist_ok=True)
        return os.path.join(home["stateDirectory"], "instances")

    def read():
        return [line.split() for line in open(path())] if os.path.exists(path()) else []

    def write(lines):
        with open(path(), "w") as file:
            file.writelines(" ".join(line) + "\n" for line in lines)

    def handle(method, params):
        key, now, version = params["key"], str(time.time_ns()), params["version"]
        service, slot = params["service"], params["slot"]
        own = [key, version, now, service, slot]
        if method == "deploy.start":
            \#(start)
        elif method == "deploy.stop":
            \#(stop)
        else:
            found = [line for line in read() if line[0] == key]
            if not found or found[0][1] == "v2":
                return {"state": "failed", "message": "there is no such version"}
            return {"state": "starting" if found[0][1] == "v3" else "ready", "message": "it warms up"}
        return {}

    """#
  }

  @Test(
    .installed("python3"),
    arguments: [
      (once, stop, []),
      ("write(read() + [own])", stop, [again]),
      ("write([line for line in read() if line[0] != key] + [own])", stop, [again]),
      (
        once, "write([[line[0], 'v2'] + line[2:] if line[3:] == [service, slot] else line for line in read()])",
        [again, left]
      ),
      (once, "write([line for line in read() if line[3] != service])", [apart]),
      (once, "write([line for line in read() if line[4] != slot])", [apart]),
      ("write([line for line in read() if line[3] != service or line[0] == key] or [own])", stop, [apart]),
    ])
  func `a deployer that begins twice, or anew, leaves something running, or takes others down is found`(
    start: String, stop: String, promises: [String]
  ) async throws {
    let kind =
      "port: deployment\nabout: Notes.\n"
      + "check: { version: v1, badVersion: v2, slowVersion: v3, running: [sh, -c, 'cat \"$STATE_DIRECTORY/instances\"'] }"
    #expect(try await broken(kind, Self.instances(start, stop: stop)) == promises)
  }

  private static let again = "a start that is tried again begins nothing, also after a restart"
  private static let left = "of what is stopped while it comes up nothing is left"
  private static let apart = "what is started and stopped leaves the other slot, and other services, as they are"
  private static let once = "write(read() + ([] if any(line[0] == key for line in read()) else [own]))"
  private static let stop = "write([line for line in read() if line[3:] != [service, slot]])"

  @Test(.installed("python3")) func `a router that keeps everything in memory is found by the process after it`()
    async throws
  {
    let broken = try await broken(
      """
      port: traffic
      about: Forgetful.
      capabilities: [partialWeights, readBack, mirror, headerRoute]
      check: { route: shop }
      """, Self.forgetful)
    #expect(
      broken
        == ["35% for green", "a mirror of 10%", "a header route"].map {
          "\($0) is found by a process begun when the one that set it has ended"
        })
  }

  private static let forgetful = #"""
    memory = {"green": 0, "mirror": 0}

    def handle(method, params):
        green = params.get("candidate") == "green"
        if method == "traffic.setWeight":
            memory["green"] = params["percent"] if green else 100 - params["percent"]
        elif method == "traffic.mirror":
            memory["mirror"] = params["percent"]
            return {"percent": memory["mirror"]}
        elif method == "traffic.headerRoute":
            memory["headerRoute"] = params.get("rule")
            return {}
        share = {**memory, "percent": memory["green"] if green else 100 - memory["green"]}
        return {name: value for name, value in share.items() if value is not None}
    """#

  @Test(.installed("python3")) func `a runner that judges by the key is found, since keys say nothing`() async throws {
    let broken = try await broken(
      """
      port: step
      about: Judges by the key.
      steps: { good: { about: Passes. }, bad: { about: Fails. }, slow: { about: Goes on. } }
      check: { passing: { step: good }, failing: { step: bad }, slow: { step: slow } }
      """, Self.judge)
    #expect(broken.contains("the passing step passes"), "\(broken)")
    #expect(broken.contains("the slow step is under way"), "\(broken)")
  }

  private static let judge = #"""
    def handle(method, params):
        if method == "step.start" and params["step"] not in ("good", "bad", "slow"):
            raise Refusal(-32002, "no such step")
        ends = {"-passing": "passed", "-failing": "failed", "-slow": "running"}
        state = [state for end, state in ends.items() if params["key"].endswith(end)]
        return {"state": (state + ["unknown"])[0]}
    """#

  @Test(.installed("python3")) func `a notifier that tells nobody is found by what has been received`() async throws {
    let broken = try await broken(
      "port: notification\nabout: Silent.\ncheck: { received: [echo, nothing] }",
      "def handle(method, params):\n    params['key']\n    return {}\n")
    #expect(broken.contains { $0.hasPrefix("the receiver has got ") }, "\(broken)")
  }

  @Test(
    .installed("python3"),
    arguments: [
      ("if key not in keys()", []), ("", ["how often it has been received"]),
      ("if key not in told", ["how often it has been received"]),
    ])
  func `a notifier that tells twice, also after a restart, is found`(_ unless: String, _ promises: [String])
    async throws
  {
    let kind =
      "port: notification\nabout: Tells.\ncheck: { received: [sh, -c, 'cat \"$STATE_DIRECTORY/told\" || true'] }"
    let program = #"""
      import os

      told = set()

      def path():
          os.makedirs(home["stateDirectory"], exist_ok=True)
          return os.path.join(home["stateDirectory"], "told")

      def keys():
          return open(path()).read().split("\n") if os.path.exists(path()) else []

      def tell(key):
          told.add(key)
          with open(path(), "a") as file:
              file.write(key + "\n")

      def handle(method, params):
          key = params["key"]
          [tell(key) for _ in [0] \#(unless)]
          return {}

      """#
    #expect(try await broken(kind, program) == promises)
  }

  @Test(.installed("python3"), arguments: [("[key]", []), ("steps()", [others])])
  func `a runner that ends every step is found by the one that should go on`(_ ended: String, _ promises: [String])
    async throws
  {
    let kind = """
      port: step
      about: Runs.
      steps: { good: { about: Passes. }, bad: { about: Fails. }, slow: { about: Goes on. } }
      check: { passing: { step: good }, failing: { step: bad }, slow: { step: slow } }
      """
    let program = #"""
      import os

      def path():
          os.makedirs(home["stateDirectory"], exist_ok=True)
          return os.path.join(home["stateDirectory"], "steps")

      def steps():
          return json.load(open(path())) if os.path.exists(path()) else {}

      def write(steps):
          with open(path(), "w") as file:
              json.dump(steps, file)

      def handle(method, params):
          key = params["key"]
          if method == "step.start":
              ends = {"good": "passed", "bad": "failed", "slow": "running"}
              if params["step"] not in ends:
                  raise Refusal(-32002, "no such step")
              write({key: ends[params["step"]], **steps()})
          elif method == "step.cancel":
              ended = \#(ended)
              write({k: "failed" if k in ended and s == "running" else s for k, s in steps().items()})
          else:
              return {"state": steps().get(key, "unknown"), "output": "it is so"}
          return {}

      """#
    #expect(try await broken(kind, program) == promises)
  }

  private static let others = "a cancelled step is the one whose key is said, and no other"

  @Test(
    .installed("python3"),
    arguments: [("share", []), ("round(share)", ["12.25% for green", "12.25% for green, read back"])])
  func `a router that rounds is found by a share with two digits behind the point`(
    _ kept: String, _ promises: [String]
  ) async throws {
    let program = #"""
      import os

      def path():
          os.makedirs(home["stateDirectory"], exist_ok=True)
          return os.path.join(home["stateDirectory"], "green")

      def handle(method, params):
          green = params["candidate"] == "green"
          if method == "traffic.setWeight":
              share = params["percent"] if green else 100 - params["percent"]
              with open(path(), "w") as file:
                  file.write(str(\#(kept)))
          share = float(open(path()).read()) if os.path.exists(path()) else 0
          return {"percent": share if green else 100 - share}

      """#
    let kind = "port: traffic\nabout: Shares.\ncapabilities: [partialWeights, readBack]\ncheck: { route: shop }"
    #expect(try await broken(kind, program) == promises)
  }

  @Test(.installed("python3")) func `one that answers everything twice is found by what is no answer`() async throws {
    let kind =
      "port: metrics\nabout: Twice.\n"
      + "check: { queries: ['5'], badQuery: no number, emptyQuery: none, neverSlow: quick }"
    let quick = Self.numbers + "def handle(method, params):\n    return {'answer': number(params['query'])}\n"
    #expect(try await broken(kind, quick) == [])
    #expect(
      try await broken(kind, "twice = True\n\n" + quick) == ["nothing but answers is on its standard output"])
  }

  // MARK: What they have in common

  private static func head(_ calls: Int) -> String {
    """
    plugin: cheat
    version: 1.0.0
    protocol: 1
    about: Looks like a plugin.
    command: [python3, -B, cheat.py]
    limits: { calls: \(calls) }
    kinds:
      cheat:

    """
  }

  private static let frame = #"""
    import json, sys, threading, time

    threaded = False
    twice = False
    given_up = set()
    home = {}
    lock = threading.Lock()

    class Refusal(Exception):
        pass

    def answer(request):
        method, params = request["method"], request.get("params", {})
        response = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            if method == "initialize":
                home.update(params)
                result = {"protocolVersion": 1, "plugin": {"name": "cheat", "version": "1"},
                          "capabilities": ["partialWeights", "readBack", "mirror", "headerRoute"]}
            elif method == "shutdown":
                result = {}
            elif method.split(".")[0] not in ("metrics", "traffic", "deploy", "notify", "step"):
                raise Refusal(-32601, "no such method")
            elif not params:
                raise Refusal(-32602, "no params")
            else:
                result = handle(method, {**params, "id": request["id"]})
            response["result"] = result
        except Refusal as refusal:
            response["error"] = {"code": refusal.args[0], "message": refusal.args[1]}
        except ValueError as error:
            response["error"] = {"code": -32002, "message": str(error)}
        with lock:
            for _ in range(2 if twice else 1):
                print(json.dumps(response), flush=True)

    def serve():
        for line in sys.stdin:
            request = json.loads(line)
            if "id" not in request:
                given_up.add(request["params"]["id"])
            elif threaded and request["method"] == "metrics.sample":
                threading.Thread(target=answer, args=[request], daemon=True).start()
            else:
                answer(request)
                if request["method"] == "shutdown":
                    break

    """#
}
