import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// YAML that wants to harm us is refused, with a place, in bounded time and memory, and never with a crash.
///
/// Small texts lie in `Hostile/`, each with what is said about it beside it; large ones are made here.
@Suite struct HostileTests {
  @Test(arguments: Golden.files("Hostile", ending: "yaml"))
  func `a hostile file is refused with its place`(file: URL) throws {
    let source = SourceFile(path: file.lastPathComponent, bytes: [UInt8](try Data(contentsOf: file)))
    let parsed = PipelineParser().parse(source)
    #expect(parsed.hasErrors)
    let report = parsed.diagnostics.map { "\($0)\n" }.joined()
    try Golden.expect(report, toMatch: file.deletingPathExtension().appendingPathExtension("txt"))
  }

  @Test(arguments: HostileText.all)
  func `a large hostile text is refused`(hostile: HostileText) {
    let diagnostics = PipelineParser().parse(hostile.text, path: hostile.name).diagnostics
    #expect(diagnostics.contains { $0.message.hasPrefix(hostile.message) }, "\(diagnostics.prefix(3))")
    #expect(diagnostics.count <= DiagnosticSink.limit + 1)
  }

  @Test func `a file that is not there has no place in it`() {
    #expect {
      try SourceFile.read("nothere.yaml")
    } throws: {
      let diagnostic = ($0 as? SourceFile.Unreadable)?.diagnostic
      return diagnostic?.description == "nothere.yaml: error: there is no such file" && diagnostic?.place == .start
    }
  }

  @Test func `a file of 100 MB is not read`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "headgate-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(FileManager.default.createFile(atPath: file.path(), contents: nil))
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: 100 << 20)
    try handle.close()
    #expect { try SourceFile.read(file.path()) } throws: {
      ($0 as? SourceFile.Unreadable)?.diagnostic.message
        == "the file has 104857600 bytes, more than the 1048576 that are read"
    }
  }

  @Test(arguments: ["/", "/dev/zero", "/nowhere/pipeline.yaml"])
  func `what is no file is not read`(path: String) {
    #expect(throws: SourceFile.Unreadable.self) { try SourceFile.read(path) }
  }

  @Test func `deep nesting does not exhaust a small stack`() async {
    // Threads of some platforms have half a megabyte.
    let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    let diagnostics: [Diagnostic] = await withCheckedContinuation { continuation in
      let thread = Thread { continuation.resume(returning: PipelineParser().parse(deepest, path: "deep").diagnostics) }
      thread.stackSize = 512 << 10
      thread.start()
    }
    #expect(diagnostics.map(\.message) == ["a mapping is wanted here, not a list"])
  }
}

/// A text too large to keep in a file, and the beginning of what must be said about it.
struct HostileText: Sendable, CustomTestStringConvertible {
  var name: String
  var message: String
  var text: String

  init(_ name: String, _ message: String, _ text: String) {
    self.name = name
    self.message = message
    self.text = text
  }

  var testDescription: String { name }

  private static let nested = "nested more than 64 deep"
  private static let many = "the file has more than 50000 values"

  static let all: [HostileText] = [
    HostileText("lists", nested, times("[", 10_000)),
    HostileText("closed lists", nested, times("[", 10_000) + times("]", 10_000)),
    HostileText("mappings", nested, times("{a: ", 10_000)),
    HostileText("dashes", nested, times("- ", 10_000) + "x"),
    HostileText("indentation", nested, lines(1000) { times(" ", $0) + "a:" }),
    HostileText("lists in keys", nested, lines(100) { "c\($0): [" }),
    HostileText("questions", "`? ` introduces a key that is more than text", times("? ", 10_000)),
    HostileText("directives", "YAML directives are not supported", times("%TAG !a! b\n", 50_000)),
    HostileText("aliases", "more than 256 aliases", "a: &a x\n" + lines(300) { "b\($0): *a" }),
    HostileText("a wide alias", many, "a: &a [" + times("x,", 900) + "]\n" + lines(200) { "b\($0): *a" }),
    HostileText("duplicates", "the key `a` stands twice in one mapping", lines(1000) { _ in "a: b" }),
    HostileText("a long line", "unknown key `a`", "a: " + times("x", 1_000_000)),
    HostileText("many lines", "unknown key `a`", "a: b" + times("\n", 1_000_000)),
    HostileText("colons", "this `:` is not expected here", "a" + times(":", 1_000_000)),
    HostileText("an open quote", "a quote is opened here and never closed", "a: \"" + times("x\n", 100_000)),
    HostileText("too many values", many, "a: [" + times("x,", 100_000) + "]"),
    HostileText(
      "too many bytes", "the file has 1048577 bytes, more than the 1048576 that are read", times("#", 1_048_577)),
    HostileText("half a bracket in every line", "unknown key `a0`", lines(2000) { "a\($0): x [" }),
    HostileText("variables", "more than 200 `${…}` in one text", templates(times("${a}", 4900))),
    HostileText("a long command", "this text is longer than 20000 letters", templates(times("${a}", 200_000))),
    HostileText(
      "aliases of variables", "unknown name `a`",
      templates("&t " + times("${a}", 190)) + lines(200) { "- { check: c\($0), run: *t }" }),
    HostileText("queries", "the key `service` is missing", queries),
    HostileText(
      "canaries without an end", "nothing judges this canary",
      "stages:\n" + lines(8000) { "- { canary: c\($0), route: a/b\($0), steps: 5% }" }),
    HostileText("metrics that nobody has", "unknown metric `x0`", unknownMetrics),
    HostileText("metrics and gates", "the key `service` is missing", metricsAndGates),
  ]

  private static let unknownMetrics =
    "pipeline: p\nservice: s\nenvironment: e\nstages: [{ wait: a, for: 1m }]\nmetrics:\n"
    + lines(3000) { "  m\($0): { provider: p, query: \"${version}\", pass: value < 1 }" }
    + "gates:\n  g: { metrics: [" + (0..<9000).map { "x\($0)" }.joined(separator: ",") + "] }\n"

  private static func templates(_ command: String) -> String {
    "pipeline: p\nservice: s\nenvironment: e\nstages:\n- check: a\n  run: \(command)\n"
  }

  /// Long words and many selections that look like more of a query than they are.
  private static var queries: String {
    let texts = [times("a", 19_900), times("a = ", 4900), times("a=\"5\",", 2400), times("/\\", 9900)]
    return "metrics:\n"
      + lines(50) { " m\($0): { provider: p, pass: value < 1, query: 'sum([]) ${version} \(texts[$0 % 4]) / x' }" }
  }

  /// As many as fit, all referring to one another.
  private static var metricsAndGates: String {
    "metrics:\n" + lines(4000) { " m\($0): { provider: p, query: '${version}', pass: value < 1 }" } + "gates:\n"
      + lines(4000) { " g\($0): { metrics: [m\($0), m\(3999 - $0)] }" } + "stages:\n"
      + lines(1000) { " - { verify: v\($0), gate: g\(3999 - $0), hold: 1h }" }
  }

  private static func times(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
  private static func lines(_ count: Int, _ line: (Int) -> String) -> String {
    (0..<count).map { line($0) + "\n" }.joined()
  }
}
