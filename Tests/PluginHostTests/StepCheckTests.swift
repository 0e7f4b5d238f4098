import Foundation
import PipelineModel
import Testing

@testable import PluginHost

/// `headgate plugin check` finds what a runner of steps does wrong, also where its plugin.yaml leaves out what would show
/// it.
@Suite struct StepCheckTests {
  private func findings(
    _ slip: (from: String, to: String) = ("", ""), leavingOut line: String = "nothing at all", stage: Stage
  ) async throws -> [PluginCheck.Finding] {
    let folder = "\(stage.folder)/slips"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let program = Self.program.replacingOccurrences(of: slip.from, with: slip.to)
    #expect(slip.from.isEmpty || program != Self.program)
    try Data(program.utf8).write(to: URL(filePath: "\(folder)/slips.py"))
    let manifest = Self.manifest.split(separator: "\n").filter { !$0.contains(line) }.joined(separator: "\n")
    try Data(manifest.utf8).write(to: URL(filePath: "\(folder)/plugin.yaml"))
    return await conformance(of: try Stage.plugin(folder))
  }

  @Test(.installed("python3")) func `a good runner keeps every promise`() async throws {
    try await Stage.with { stage in
      let findings = try await findings(stage: stage)
      #expect(findings.flatMap(\.complaints) == [])
      #expect(findings.count >= 25)
    }
  }

  @Test(
    .installed("python3"),
    arguments: [
      (#"if params["step"] not in STEPS"#, "if False", "a step that there is not", "reject a step that there is not"),
      ("step.cancel", "step.halt", "cancel, by a restarted controller", "misconfigured"),
      (
        #"write(key, {**step, "cancelled": True})"#, "pass", "a cancelled step comes to its end",
        "end what the step began when `cancel` comes"
      ),
      (
        #""failed", "output": "cancelled""#, #""passed", "output": """#, "a cancelled step has not passed",
        "say `failed`"
      ),
      ("if step is None", "if False", "a key that was never started is unknown", "transient"),
      (
        "if step is None:\n            write(", "if True:\n            write(", "twice with a key is once",
        "begin nothing twice"
      ),
      (#""failed" if step["step"] == "bad""#, #""passed" if True"#, "the failing step fails", "passed"),
    ])
  func `a slip is found, named, and told how to mend`(from: String, to: String, promise: String, words: String)
    async throws
  {
    try await Stage.with { stage in
      let findings = try await findings((from, to), stage: stage)
      let broken = findings.filter { !$0.complaints.isEmpty }
      let found = broken.first { $0.promise.hasPrefix(promise) }
      #expect(found?.complaints.contains { $0.contains(words) } == true, "\(broken)")
    }
  }

  @Test(
    .installed("python3"),
    arguments: [
      ("slow:", "give a step that would go on for minutes; without it `step.cancel` is not tried"),
      ("failing:", "give a step that fails; without it a failure might be told as a success"),
      ("passing:", "give a step that passes; without it its port is not tried"),
    ])
  func `what cannot be tried is no promise kept`(line: String, words: String) async throws {
    try await Stage.with { stage in
      let complaints = try await findings(leavingOut: line, stage: stage).flatMap(\.complaints)
      #expect(complaints.count == 1)
      #expect(complaints.first?.hasSuffix(words) == true, "\(complaints)")
    }
  }

  private static let manifest = """
    plugin: slips
    version: 1.0.0
    protocol: 1
    about: Good, but for the slip that a test puts into it.
    command: [python3, -B, slips.py]
    kinds:
      slips:
        port: step
        about: Waits.
        steps:
          good: { about: Passes. }
          bad: { about: Fails. }
          slow: { about: Waits for minutes. }
        check:
          passing: { step: good }
          failing: { step: bad }
          slow: { step: slow }
    """

  private static let program = #"""
    import json, os, sys
    STEPS = ["good", "bad", "slow"]
    settings = {}

    def path(key):
        return settings["stateDirectory"] + "/" + "".join("%02x" % ord(c) for c in key)

    def read(key):
        return json.load(open(path(key))) if os.path.exists(path(key)) else None

    def write(key, step):
        os.makedirs(settings["stateDirectory"], exist_ok=True)
        with open(path(key) + ".new", "w") as file:
            json.dump(step, file)
        os.replace(path(key) + ".new", path(key))

    def answer(method, params):
        if method == "initialize":
            settings.update(params)
            return {"protocolVersion": 1, "plugin": {"name": "slips", "version": "1"}, "capabilities": []}
        if method == "shutdown":
            return {}
        if method not in ["step.start", "step.poll", "step.cancel"]:
            raise ValueError(-32601, "no such method")
        key = params["key"]
        step = read(key)
        if method == "step.start":
            if params["step"] not in STEPS:
                raise ValueError(-32002, "no such step")
            if step is None:
                write(key, {"step": params["step"], "cancelled": False})
            return {}
        if method == "step.cancel":
            if step is not None:
                write(key, {**step, "cancelled": True})
            return {}
        if step is None:
            return {"state": "unknown"}
        if step["cancelled"] and step["step"] == "slow":
            return {"state": "failed", "output": "cancelled"}
        if step["step"] == "slow":
            return {"state": "running"}
        return {"state": "failed" if step["step"] == "bad" else "passed"}

    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        response = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            response["result"] = answer(request["method"], request["params"])
        except KeyError as error:
            response["error"] = {"code": -32602, "message": f"no {error}"}
        except ValueError as error:
            response["error"] = {"code": error.args[0], "message": error.args[1]}
        except Exception as error:
            response["error"] = {"code": -32603, "message": str(error)}
        print(json.dumps(response), flush=True)
        if request["method"] == "shutdown":
            break
    """#
}
