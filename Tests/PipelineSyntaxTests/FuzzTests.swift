import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// Files changed at random never crash a parser, and whatever is said about them stays within the file.
///
/// `FUZZ_MUTATIONS` sets how many changes are tried (default 1000), `FUZZ_SEED` repeats a run.
@Suite struct FuzzTests {
  @Test func `no parser falls over a changed file`() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["FUZZ_MUTATIONS"].flatMap(Int.init) ?? 1000
    let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1_000_000)
    print("FUZZ_SEED=\(seed) FUZZ_MUTATIONS=\(count)")
    var random = SplitMix(seed: seed)
    let corpus = try ["Diagnostics", "Hostile", "Plans"].flatMap { folder in
      try Golden.files(folder, ending: "yaml").map { [UInt8](try Data(contentsOf: $0)) }
    }
    try #require(corpus.count > 30)
    for number in 0..<count {
      let bytes = mutation(of: corpus, &random)
      for diagnostics in everyParser(bytes) {
        let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 2
        let outside = diagnostics.first { !(1...lines).contains($0.place.line) || $0.place.column < 1 }
        #expect(outside == nil, "mutation \(number) of seed \(seed)")
      }
    }
  }

  private func everyParser(_ bytes: [UInt8]) -> [[Diagnostic]] {
    let file = SourceFile(path: "f", bytes: bytes)
    return [
      PipelineParser(installation: .example, kinds: BackendKind.examples).parse(file).diagnostics,
      ScenarioParser().parse(file) { _ in .example }.diagnostics,
      InstallationParser(kinds: BackendKind.examples).parse(file).diagnostics,
    ]
  }

  private func mutation(of corpus: [[UInt8]], _ random: inout SplitMix) -> [UInt8] {
    var bytes = corpus[random.next(below: corpus.count)]
    for _ in 0...random.next(below: 4) {
      let at = random.next(below: bytes.count + 1)
      let end = min(bytes.count, at + random.next(below: 12))
      switch random.next(below: 6) {
      case 0: bytes.removeSubrange(at..<end)
      case 1: bytes.insert(UInt8(random.next(below: 256)), at: at)
      case 2: bytes.insert(contentsOf: Self.words[random.next(below: Self.words.count)].utf8, at: at)
      case 3: bytes.insert(contentsOf: Array(bytes[at..<end]), at: random.next(below: bytes.count + 1))
      case 4: if at < bytes.count { bytes[at] ^= 1 << UInt8(random.next(below: 8)) }
      default:
        let other = corpus[random.next(below: corpus.count)]
        let start = random.next(below: other.count + 1)
        bytes.insert(contentsOf: other[start..<min(other.count, start + 60)], at: at)
      }
    }
    return bytes
  }

  private static let words = [
    "\n", " ", "  ", "\t", ": ", "- ", "? ", "[", "]", "{", "}", ",", "\"", "'", "|\n", ">-\n", "&a ", "*a", "!!int ",
    "<<: ", "---\n", "...\n", "%", "#", " #", "\\", "${", "}", "$${", "(", ")", "value", " and ", "not ", "all(", "it",
    "0", "1", "9", "%", "ms", "1h", "e9", "-", "\u{FEFF}", "\r\n", "é", "\u{2028}", "null", "~", "true", "5%",
  ]
}
