import Foundation
import Glibc
import LiveRig
import Testing

/// Ctrl-C with and without a terminal, colors, and a reader that goes away.
@Suite(.live(.python3)) struct TerminalTests {
  private static let question = "[p]ause, [a]bort"
  private static let escape = "\u{1B}["

  @Test func `without a terminal Ctrl-C detaches, and attach goes on`() async throws {
    try await Scratch.with { scratch in
      let run = try await scratch.rig.headgate("run", scratch.rehearsal(speed: 4))
      try await Rig.wait(for: "the first step") { run.output.contains("staying at this weight") }
      run.signal(SIGINT)
      // Not 0: whoever waits for it must not take this for a promotion.
      #expect(try await run.ending() == 2)
      #expect(run.output.contains("detached: nobody drives run 1. Go on with: headgate attach 1 --store"))
      let status = try await scratch.headgate("status", "--store", "rehearsal.db")
      #expect(status.out.contains("no controller drives this store"))
      let attached = try await scratch.headgate(
        "attach", "1", "--store", "rehearsal.db", "--scenario", Scratch.scenario("good"), "--speed", "60")
      #expect(attached.code == 0, "\(attached.all)")
      #expect(try await scratch.headgate("show", "1", "--replay", "--store", "rehearsal.db").code == 0)
    }
  }

  /// Plays `steps` at a terminal that a slow rehearsal runs in.
  private func play(
    _ steps: [String], in scratch: Scratch, _ environment: [String: String] = [:], speed: Int = 4, more: [String] = []
  ) async throws -> Child {
    try await atTerminal(steps, scratch.rehearsal(speed: speed) + more, in: scratch, environment)
  }

  private func atTerminal(
    _ steps: [String], _ arguments: [String], in scratch: Scratch, _ environment: [String: String] = [:]
  ) async throws -> Child {
    let script = "\(Scratch.fixtures)/terminal.py"
    let assignments = environment.map { "\($0)=\($1)" }
    return try await scratch.rig.start(
      "terminal", "/usr/bin/env",
      ["-u", "NO_COLOR", "TERM=xterm"] + assignments + ["python3", script] + steps + ["--", HeadgateProgram.path]
        + arguments)
  }

  @Test func `in a terminal Ctrl-C asks, and d leaves`() async throws {
    try await Scratch.with { scratch in
      let terminal = try await play(
        ["expect=staying at this weight", #"send=\x03"#, "expect=\(Self.question)", #"send=d\n"#], in: scratch)
      #expect(try await terminal.ending() == 2, "\(terminal.output)")
      #expect(terminal.output.contains("detached: nobody drives run 1"))
    }
  }

  @Test func `a second Ctrl-C at the question leaves too`() async throws {
    try await Scratch.with { scratch in
      let terminal = try await play(
        ["expect=staying at this weight", #"send=\x03"#, "expect=\(Self.question)", #"send=\x03"#], in: scratch)
      #expect(try await terminal.ending() == 2, "\(terminal.output)")
    }
  }

  @Test func `p pauses and the run is still shown; a aborts and takes the traffic back`() async throws {
    try await Scratch.with { scratch in
      let terminal = try await play(
        [
          "expect=staying at this weight", #"send=\x03"#, "expect=\(Self.question)", #"send=p\n"#,
          "expect=paused by", "expect=paused: headgate resume 1", #"send=\x03"#, "expect=\(Self.question)",
          #"send=a\n"#,
          "expect=aborted by", "expect=run 1 of shop: rolled back",
        ], in: scratch)
      #expect(try await terminal.ending() == 1, "\(terminal.output)")
    }
  }

  @Test func `the question says how it is answered, and a reason behind the letter is that of the act`() async throws {
    try await Scratch.with { scratch in
      let terminal = try await play(
        [
          "expect=staying at this weight", #"send=\x03"#, "expect=\(Self.question)", "expect=then Enter",
          #"send=pause the p95 looks odd\n"#, "expect=(reason: the p95 looks odd)", #"send=\x03"#,
          "expect=\(Self.question)", #"send=a\n"#, "expect=aborted by", "expect=run 1 of shop: rolled back",
        ], in: scratch, more: ["--reason", "OPS-481"])
      #expect(try await terminal.ending() == 1, "\(terminal.output)")
      let acts = try await scratch.headgate("audit", "list", "--kind", "acted", "--store", "rehearsal.db")
      #expect(acts.out.contains("the p95 looks odd"))
      #expect(!acts.out.contains("OPS-481"), "\(acts.all)")
    }
  }

  @Test func `the time line goes on while the question stands, and a run that ends overtakes it`() async throws {
    try await Scratch.with { scratch in
      let terminal = try await play(
        [
          "expect=staying at this weight", #"send=\x03"#, "expect=\(Self.question)", "expect=promoted: 1.4.1 is stable",
          "expect=run 1 of shop: promoted",
        ], in: scratch, speed: 20)
      #expect(try await terminal.ending() == 0, "\(terminal.output)")
      #expect(!terminal.output.contains("detached"))
    }
  }

  @Test func `the question says that other runs are driven from here too`() async throws {
    try await Scratch.with { scratch in
      _ = try scratch.rig.write("store: headgate.db\n", to: "headgate.yaml")
      var arguments: [String] = []
      for name in ["one", "two"] {
        let file = try scratch.rig.write(
          "pipeline: \(name)\nservice: \(name)\nenvironment: test\nstages:\n  - wait: a while\n    for: 1h\n",
          to: "\(name).yaml")
        arguments = ["run", file, "--set", "version=1", "--config", "\(scratch.folder)/headgate.yaml"]
        guard name == "one" else { break }
        let first = try await scratch.rig.headgate("first", arguments)
        try await Rig.wait(for: "the first run") { first.output.contains("waiting for") }
        first.signal(SIGINT)
        #expect(try await first.ending() == 2, "\(first.output)")
      }
      let terminal = try await atTerminal(
        [
          "expect=waiting for", #"send=\x03"#, "expect=Another run is driven from here too",
          "expect=\(Self.question)", #"send=d\n"#, "expect=nobody drives run 2, nor another one in this store",
        ], arguments, in: scratch)
      #expect(try await terminal.ending() == 2, "\(terminal.output)")
    }
  }

  @Test func `a terminal has colors, unless NO_COLOR is set`() async throws {
    for (environment, isColored) in [([:], true), (["NO_COLOR": "1"], false)] {
      try await Scratch.with { scratch in
        let terminal = try await play(
          ["expect=staying at this weight", "expect=░", #"send=\x03"#, #"send=d\n"#], in: scratch, environment)
        #expect(try await terminal.ending() == 2, "\(terminal.output)")
        // Moving the cursor is no color.
        #expect(terminal.output.contains(#/\x{1B}\[[0-9;]+m/#) == isColored)
      }
    }
  }

  @Test func `a pipe gets no escape sequences`() async throws {
    try await Scratch.with { scratch in
      var all = try await scratch.rehearse("bad").all
      for verb in [["history"], ["show", "1"], ["status", "1"], ["audit", "list"], ["audit", "verify"]] {
        all += try await scratch.headgate.run(verb + ["--store", "rehearsal.db"]).all
      }
      all += try await scratch.headgate("validate", "\(Scratch.fixtures)/wrong.yaml").all
      all += try await scratch.headgate("test", "\(Scratch.pipelines)/quickstart").all
      #expect(!all.contains(Self.escape))
      #expect(all.contains("✓"))
    }
  }

  @Test func `whoever reads may go away: the run goes on`() async throws {
    try await Scratch.with { scratch in
      let quoted = ([HeadgateProgram.path] + scratch.rehearsal(speed: 60)).map { "'\($0)'" }.joined(separator: " ")
      let child = try await scratch.rig.start(
        "pipe", "/bin/bash", ["-c", "\(quoted) | head -n 1; exit ${PIPESTATUS[0]}"])
      #expect(try await child.ending() == 0, "\(child.output)")
      let status = try await scratch.headgate("history", "--store", "rehearsal.db")
      #expect(status.out.contains("promoted"), "\(status.all)")
    }
  }
}
