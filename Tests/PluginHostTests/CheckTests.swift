import Foundation
import PipelineModel
import Synchronization
import Testing

@testable import PluginHost

/// `headgate plugin check` finds what a plugin does wrong, and says which promise it breaks.
@Suite struct CheckTests {
  /// A plugin in a few lines of Python, with one slip put into it.
  private func findings(_ slip: (String) -> String, stage: Stage) async throws -> [PluginCheck.Finding] {
    let folder = "\(stage.folder)/slips"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(slip(Self.program).utf8).write(to: URL(filePath: "\(folder)/slips.py"))
    try Data(Self.manifest.utf8).write(to: URL(filePath: "\(folder)/plugin.yaml"))
    return await conformance(of: try Stage.plugin(folder))
  }

  @Test(.installed("python3")) func `a good plugin keeps every promise`() async throws {
    try await Stage.with { stage in
      let findings = try await findings({ $0 }, stage: stage)
      #expect(findings.flatMap(\.complaints) == [])
      #expect(findings.count >= 12)
    }
  }

  @Test(
    .installed("python3"),
    arguments: [
      (
        "print(json.dumps(response), flush=True)", "print('hello'); print(json.dumps(response), flush=True)",
        "it starts"
      ),
      ("\"capabilities\": [\"rangeQueries\"]", "\"capabilities\": []", "it starts"),
      ("-32601", "-32603", "it starts"),
      ("code = -32002", "code = -32001", "`no number`, asked once is rejected"),
      ("else float(params[\"query\"])", "else 1 / 0", "`5`, asked once, is answered"),
      ("break", "__import__('time').sleep(1000)", "it ends within two seconds of shutdown"),
      ("# the end", "__import__('time').sleep(1000)", "it ends within two seconds of the end of its standard input"),
      (
        "settings.update(params[\"settings\"])",
        "settings.update(params[\"settings\"]); print(settings, file=sys.stderr)",
        "no secret is on its standard error"
      ),
      (
        "print(json.dumps(response), flush=True)",
        "print(json.dumps(response), flush=True); request['method'] == 'metrics.sample' and print('done', flush=True)",
        "nothing but answers is on its standard output"
      ),
    ])
  func `a slip is found, and named`(from: String, to: String, promise: String) async throws {
    try await Stage.with { stage in
      let findings = try await findings({ $0.replacingOccurrences(of: from, with: to) }, stage: stage)
      let broken = findings.filter { !$0.complaints.isEmpty }.map(\.promise)
      #expect(broken.contains { $0.hasPrefix(promise) }, "\(findings)")
      #expect(broken.count <= 4, "\(broken)")
    }
  }

  private static let manifest = """
    plugin: slips
    version: 1.0.0
    protocol: 1
    about: Good, but for the slip that a test puts into it.
    command: [python3, -B, slips.py]
    limits: { calls: 1 }
    kinds:
      slips:
        port: metrics
        about: Answers a number with itself.
        settings: { token: { type: secret, about: A secret. } }
        capabilities: [rangeQueries]
        check: { settings: { token: { secret: t } }, queries: ["5"], badQuery: no number, emptyQuery: none, neverSlow: yes }
    """

  private static let program = #"""
    import json, sys
    settings = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        params, method, response = request["params"], request["method"], {"jsonrpc": "2.0", "id": request["id"]}
        code = -32602
        try:
            if method == "initialize":
                settings.update(params["settings"])
                response["result"] = {"protocolVersion": 1, "plugin": {"name": "slips", "version": "1"},
                                      "capabilities": ["rangeQueries"]}
            elif method == "metrics.sample":
                params["query"]
                code = -32002
                number = None if params["query"] == "none" else float(params["query"])
                response["result"] = {"answer": [number] * 6 if "range" in params else number}
            elif method == "shutdown":
                response["result"] = {}
            else:
                code = -32601
                raise ValueError("no such method")
        except Exception as error:
            response["error"] = {"code": code, "message": str(error)}
        print(json.dumps(response), flush=True)
        if method == "shutdown":
            break
    # the end
    """#
}

/// What `plugin check` finds.
///
/// - Parameter grace: for a call that was given up; more than the promise, since the machine may have much to do.
func conformance(of plugin: InstalledPlugin, grace: Interval = .seconds(30)) async -> [PluginCheck.Finding] {
  let collected = Collected()
  let patience = PluginCheck.Patience(farewell: .seconds(10), grace: grace)
  await PluginCheck(plugin, patience: patience).run { collected.add($0) }
  return collected.all
}

private final class Collected: Sendable {
  private let findings = Mutex<[PluginCheck.Finding]>([])
  func add(_ finding: PluginCheck.Finding) { findings.withLock { $0.append(finding) } }
  var all: [PluginCheck.Finding] { findings.withLock { $0 } }
}

/// A plugin that keeps every promise, by its folder.
func expectConformance(of folder: String, sourceLocation: SourceLocation = #_sourceLocation) async {
  do {
    let findings = await conformance(of: try Stage.plugin(folder))
    #expect(findings.count > 8, sourceLocation: sourceLocation)
    for finding in findings where !finding.complaints.isEmpty {
      Issue.record("\(finding.kind): \(finding.promise): \(finding.complaints)", sourceLocation: sourceLocation)
    }
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}
