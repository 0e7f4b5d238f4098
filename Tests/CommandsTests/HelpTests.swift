import LiveRig
import Testing

/// Every page of help is worth reading.
@Suite struct HelpTests {
  private static let verbs = [
    "validate", "plan", "simulate", "test", "schema", "run", "attach", "status", "watch", "show", "history", "approve",
    "reject", "pause", "resume", "promote", "abort", "rollback", "audit", "audit verify", "audit list", "audit export",
    "flag", "flag create", "flag set", "flag on", "flag off", "flag kill",
    "flag revert", "flag ramp", "flag archive", "flag import", "flag export", "flag list", "flag show", "flag diff",
    "flag history",
    "flag eval", "flag simulate", "flag propose", "flag proposals", "flag approve", "flag reject", "flag amend",
    "audit checkpoint", "audit prove", "audit consistency", "audit archive", "audit key", "audit key new",
    "audit key public",
    "completion", "lab", "lab accuracy", "timeline", "suspects", "incident", "incident open", "incident close",
    "incident list", "serve", "flag exposed", "flag stale",
  ]
  private let headgate = HeadgateProgram(in: Scratch.fixtures)

  @Test(arguments: verbs) func `the help of a verb has an example`(verb: String) async throws {
    let ending = try await headgate.run(verb.split(separator: " ").map(String.init) + ["--help"])
    #expect(ending.code == 0)
    #expect(ending.out.contains("EXAMPLE"))
    #expect(ending.out.contains("headgate \(verb)"))
  }

  @Test(arguments: [""] + verbs) func `the lines of examples and tables fit on a terminal of 80 columns`(
    verb: String
  ) async throws {
    let arguments = verb.split(separator: " ").map(String.init) + ["--help"]
    let page = try await headgate.run(arguments, ["COLUMNS": "400"]).out
    for line in page.prefix(upTo: page.firstRange(of: "USAGE:")?.lowerBound ?? page.endIndex)
      .split(separator: "\n") where line.hasPrefix("  ")
    {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test func `the first page names every verb and every exit code`() async throws {
    let page = try await headgate("--help").out
    for verb in Self.verbs where !verb.contains(" ") { #expect(page.contains("  \(verb) "), "\(verb)") }
    for code in ["  0 ", "  1 ", "  2 ", "  64 ", "  65 "] { #expect(page.contains(code)) }
  }
}
