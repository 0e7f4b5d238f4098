import Foundation
import LiveRig
import Testing

/// Verbs that only read files.
@Suite struct FileTests {
  private let headgate = HeadgateProgram(in: Scratch.fixtures)

  @Test func `validate prints every mistake of a file with its place`() async throws {
    let ending = try await headgate("validate", "wrong.yaml")
    #expect(ending.code == 65)
    for line in ending.lines where !line.hasPrefix(" ") {
      #expect(line.contains(#/^wrong\.yaml:\d+:\d+: (error|warning): /#), "\(line)")
    }
    try Golden.expect(ending.out + ending.errors, Golden.folder.appending(path: "validate.txt"))
  }

  private struct Mistake: Decodable {
    var path: String
    var line: Int
    var column: Int
    var severity: String
    var message: String
    var help: String?
    var didYouMean: String?
  }

  @Test func `validate gives the same as data`() async throws {
    let text = try await headgate("validate", "wrong.yaml")
    let data = try await headgate("validate", "wrong.yaml", "--format", "json")
    #expect(data.code == 65)
    let mistakes = try data.json([Mistake].self)
    for mistake in mistakes {
      let head = "\(mistake.path):\(mistake.line):\(mistake.column): \(mistake.severity): \(mistake.message)"
      #expect(text.out.contains(head), "\(head)")
    }
    #expect(mistakes.contains { $0.didYouMean == "steps" })
  }

  @Test func `validate tells what is wrong with the installation beside what is wrong with the files`() async throws {
    try await Scratch.with { scratch in
      _ = try scratch.rig.write(
        """
        providers:
          prom: { kind: prometheus, url: "http://127.0.0.1:9090", resilience: { tires: 3 } }
        routers:
          edge:
            kind: haproxy
            address: 127.0.0.1:1
            routes: { a: { backend: a, blue: "a b", green: g }, b: { backend: b, blue: x, green: "c d" } }
          front:
            kind: nginx
            directory: conf.d
            status: 127.0.0.1:8080
            routes:
              c: { variable: c, by: "a;", blue: x, green: y }
              d: { variable: d, by: "b;", blue: x, green: y }
        roles: { release-manager: { alice: true } }

        """, to: "headgate.yaml")
      _ = try scratch.rig.write(
        """
        pipeline: p
        service: s
        environment: e
        metrics:
          errors: { provider: pram, query: 'x{v="${version}"}', pass: value < 1 }
        stages:
          - approve: go
            from: [release-manager, relaese-manager]
          - canary: c
            route: edge/a
            stpes: [5, 100%]
            gate: { metrics: [erors] }

        """, to: "p.yaml")
      let alone = try await scratch.headgate.run(["validate", "p.yaml"])
      #expect(alone.code == 65)
      for told in [
        "headgate.yaml:2:73: error: unknown key `tires`", "`a b` does not fit", "`c d` does not fit", "front/c: ",
        "front/d: ",
        "p.yaml:5:23: error: unknown provider `pram`",
        "p.yaml:11:5: error: unknown key `stpes`", "p.yaml:11:13: error: `5`",
        "p.yaml:12:23: error: unknown metric `erors`", "p.yaml:8:29: error: unknown role `relaese-manager`",
      ] { #expect(alone.out.contains(told), "\(told) in \(alone.out)") }
      // It is there, and who holds it cannot be read.
      #expect(!alone.out.contains("unknown role `release-manager`"), "\(alone.out)")
      let data = try await scratch.headgate.run(["validate", "p.yaml", "--format", "json"])
      let paths = Set(try data.json([Mistake].self).map(\.path))
      #expect(data.code == 65 && paths == ["headgate.yaml", "p.yaml"])
      let both = try await scratch.headgate.run(["validate", "./headgate.yaml", "p.yaml"])
      #expect(both.code == 65 && both.out.components(separatedBy: "`tires`").count == 2, "\(both.out)")
    }
  }

  @Test func `every file that is shipped is valid`() async throws {
    let files = FileManager.default.enumerator(atPath: Scratch.pipelines)?.compactMap { $0 as? String } ?? []
    let paths = files.filter { $0.hasSuffix(".yaml") }.map { "\(Scratch.pipelines)/\($0)" }
    #expect(paths.count > 30)
    let ending = try await headgate.run(["validate"] + paths + ["--config", "\(Scratch.pipelines)/headgate.yaml"])
    #expect(ending.code == 0, "\(ending.all)")
  }

  @Test func `a file that is not there is a mistake like any other`() async throws {
    for verb in [["validate", "none.yaml"], ["plan", "none.yaml"], ["run", "none.yaml", "--scenario", "x.yaml"]] {
      let ending = try await headgate.run(verb)
      #expect(ending.code == 65, "\(ending.all)")
      #expect((ending.out + ending.errors).contains("none.yaml: error: there is no such file"), "\(ending.all)")
    }
  }

  private struct Planned: Decodable {
    var pipeline: String
    var stages: [Stage]
    struct Stage: Decodable { var steps: [Step] }
    struct Step: Decodable { var weight: Double }
  }

  @Test func `plan explains each step, as text and as data`() async throws {
    let text = try await headgate("plan", Scratch.quickstart)
    #expect(text.code == 0)
    for phrase in ["5%", "25%", "50%", "100%", "smoke test", "production"] { #expect(text.out.contains(phrase)) }
    let planned = try await headgate("plan", Scratch.quickstart, "--format", "json").json(Planned.self)
    #expect(planned.pipeline == "quickstart")
    #expect(planned.stages.last?.steps.map(\.weight) == [5, 25, 50, 100])
  }

  @Test(arguments: ["pipeline", "scenario", "installation", "plugin"])
  func `schema prints JSON`(kind: String) async throws {
    let ending = try await headgate("schema", kind)
    #expect(ending.code == 0)
    let schema = try JSONSerialization.jsonObject(with: Data(ending.out.utf8)) as? [String: Any]
    #expect(schema?["$defs"] != nil)
  }

  @Test func `the published schema of headgate.yaml is the one this build prints`() async throws {
    let ending = try await headgate("schema", "installation")
    try Golden.expect(ending.out, URL(filePath: Scratch.pipelines).appending(path: "schema/headgate.schema.json"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completion prints a script that names every verb`(shell: String) async throws {
    let ending = try await headgate("completion", shell)
    #expect(ending.code == 0)
    for verb in ["validate", "simulate", "rollback", "audit"] { #expect(ending.out.contains(verb)) }
  }

  @Test func `bash takes its completion script`() async throws {
    try await Scratch.with { scratch in
      let script = try scratch.rig.write(try await headgate("completion", "bash").out, to: "headgate.bash")
      let child = try await scratch.rig.start("bash", "/bin/bash", ["-n", script])
      #expect(try await child.ending() == 0)
      #expect(child.output == "")
    }
  }
}
