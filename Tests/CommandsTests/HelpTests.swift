import LiveRig
import Testing

/// Every page of help is worth reading.
@Suite struct HelpTests {
  private static let verbs = [
    "validate", "plan", "simulate", "test", "schema", "run", "attach", "status", "watch", "show", "history", "approve",
    "reject", "pause", "resume", "promote", "abort", "rollback", "audit", "audit verify", "audit list", "audit export",
    "completion",
  ]
  private let headgate = HeadgateProgram(in: Scratch.fixtures)

  @Test(arguments: verbs) func `the help of a verb has an example`(verb: String) async throws {
    let ending = try await headgate.run(verb.split(separator: " ").map(String.init) + ["--help"])
    #expect(ending.code == 0)
    #expect(ending.out.contains("EXAMPLE"))
    #expect(ending.out.contains("headgate \(verb)"))
  }

  @Test func `the first page names every verb and every exit code`() async throws {
    let page = try await headgate("--help").out
    for verb in Self.verbs where !verb.contains(" ") { #expect(page.contains("  \(verb) "), "\(verb)") }
    for code in ["  0 ", "  1 ", "  2 ", "  64 ", "  65 "] { #expect(page.contains(code)) }
  }
}
