import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// Whatever two mistakes a file has, its author is told both at once, and nothing that only follows from them.
///
/// In `AllAtOnce/` lie sound files, each beside a list of what a person might get wrong in it: a piece of a line, and
/// how it is written instead.
@Suite struct AllAtOnceTests {
  @Test(arguments: SoundFile.all)
  func `the file is sound, and each mistake one`(file: SoundFile) throws {
    #expect(file.errors(with: []).isEmpty)
    let mistakes = try file.mistakes()
    #expect(mistakes.count > 30)
    for mistake in mistakes { #expect(!file.errors(with: [mistake]).isEmpty, "\(mistake)") }
  }

  @Test(arguments: SoundFile.all)
  func `each two mistakes are told at once`(file: SoundFile) throws {
    let mistakes = try file.mistakes()
    let alone = mistakes.map { file.errors(with: [$0]) }
    for (i, j) in mistakes.indices.flatMap({ i in (i + 1..<mistakes.count).map { (i, $0) } })
    where mistakes[i].isBeside(mistakes[j]) {
      let wanted = alone[i].union(alone[j])
      let told = file.errors(with: [mistakes[i], mistakes[j]])
      let (silent, more) = (wanted.subtracting(told), told.subtracting(wanted))
      #expect(silent.isEmpty && more.isEmpty, "\(mistakes[i]) and \(mistakes[j]): silent \(silent), more \(more)")
    }
  }
}

/// A file in which nothing is wrong, and what a person might get wrong in it.
struct SoundFile: CustomTestStringConvertible, Sendable {
  let testDescription: String
  private let text: String
  private let parse: @Sendable (String) -> [Diagnostic]

  static let all = [
    SoundFile("pipeline") {
      PipelineParser(installation: .example, kinds: BackendKind.examples).parse($0, path: "p.yaml").diagnostics
    },
    SoundFile("headgate") { InstallationParser(kinds: BackendKind.examples).parse($0, path: "h.yaml").diagnostics },
    SoundFile("scenario") { text in
      let pipeline = PipelineParser().parse(SoundFile.text(of: "pipeline"), path: "p.yaml").value
      return ScenarioParser().parse(text, path: "s.yaml") { _ in pipeline }.diagnostics
    },
  ]

  private init(_ name: String, _ parse: @escaping @Sendable (String) -> [Diagnostic]) {
    testDescription = name
    text = Self.text(of: name)
    self.parse = parse
  }

  private static func text(of name: String) -> String {
    (try? String(contentsOf: place(of: name, "yaml"), encoding: .utf8)) ?? ""
  }

  private static func place(of name: String, _ ending: String) -> URL {
    Golden.folder.appending(path: "AllAtOnce/\(name).\(ending)")
  }

  struct Mistake: CustomStringConvertible {
    var right, wrong: String
    /// What nobody can tell beside it.
    var hides: Set<String>
    var description: String { "\(right) => \(wrong)" }

    func isBeside(_ other: Mistake) -> Bool {
      right != other.right && !hides.contains(other.right) && !other.hides.contains(right)
    }
  }

  func mistakes() throws -> [Mistake] {
    let list = try String(contentsOf: Self.place(of: testDescription, "txt"), encoding: .utf8)
    let lines = list.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.components(separatedBy: "  =>  ") }
    let hidden = lines.filter { $0[0].hasPrefix("hides: ") }.map { ($0[0].dropFirst("hides: ".count), $0[1]) }
    return try lines.filter { !$0[0].hasPrefix("hides: ") }.map { line in
      try #require(line.count == 2 && text.components(separatedBy: line[0]).count == 2, "\(line)")
      let hides = hidden.filter { $0.0 == line[0] }.map(\.1)
      return Mistake(right: line[0], wrong: line[1], hides: Set(hides))
    }
  }

  /// Line and text of each error, without what depends on what else can be read: near misses and sums.
  func errors(with mistakes: [Mistake]) -> Set<String> {
    let text = mistakes.reduce(text) { $0.replacing($1.right, with: $1.wrong) }
    return Set(
      parse(text).filter { $0.severity == .error }.map { error in
        let sentence = error.message.components(separatedBy: ", did you mean")[0]
        return "\(error.place.line): \(sentence.replacing(/\b[0-9]\w*/, with: "…"))"
      })
  }
}
