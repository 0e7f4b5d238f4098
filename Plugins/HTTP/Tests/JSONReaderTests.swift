import Foundation
import PipelineModel
import PluginKit
import Testing

/// JSON as RFC 8259 has it is read, in order; all else is refused with its place.
@Suite struct JSONReaderTests {
  @Test func `values are read as they stand`() throws {
    let text =
      #" {"b": [1, -0.5e2, 1E+2, 0], "a": "x\n\u00e9\ud83d\ude00é\/", "t": true, "n": null, "o": {}, "l": []} "#
    let answer = try JSONReader.answer(in: text.utf8)
    #expect(
      answer
        == .object([
          .init(name: "b", value: .list([.number(1), .number(-50), .number(100), .number(0)])),
          .init(name: "a", value: .text("x\né😀é/")), .init(name: "t", value: .bool(true)),
          .init(name: "n", value: .null), .init(name: "o", value: .object([])), .init(name: "l", value: .list([])),
        ]))
  }

  @Test(arguments: [
    ("", "line 1, column 1: the text ends too early"), ("{\"a\": 1", "line 1, column 8: the text ends too early"),
    ("[1,]", "line 1, column 4: a value is wanted here"), ("[1 2]", "line 1, column 4: a comma or ] is wanted here"),
    ("{\n  \"a\": 01}", "line 2, column 10: a value is wanted here"),
    ("nul", "line 1, column 4: the text ends too early"),
    ("{\"a\":1,\n\"a\":2}", "line 2, column 4: a name stands twice in one object"),
    ("1 2", "line 1, column 3: something stands behind the value"), ("NaN", "line 1, column 1: a value is wanted here"),
    ("\"\\x\"", "line 1, column 3: no such escape"), ("\"\\ud83d\"", "line 1, column 8: half of a surrogate pair"),
    ("\"a\nb\"", "line 1, column 3: a control character stands in a text"),
    ("1.", "line 1, column 3: the text ends too early"),
    ("<html>", "line 1, column 1: a value is wanted here"),
    ("{a: 1}", "line 1, column 2: a name in quotes is wanted here"),
  ])
  func `a mistake is told with its place`(text: String, message: String) {
    let problem = #expect(throws: JSONProblem.self) { try JSONReader.answer(in: text.utf8) }
    #expect(problem?.description == message)
  }

  @Test func `depth and bytes that are not UTF-8 are refused`() {
    #expect(throws: JSONProblem.self) { try JSONReader.answer(in: String(repeating: "[", count: 100_000).utf8) }
    #expect(throws: JSONProblem.self) { try JSONReader.answer(in: [0x22, 0xff, 0x22]) }
  }

  @Test func `what Foundation writes is read as the same`() throws {
    for seed in 0..<200 {
      let values = (0..<20).map { Double(($0 * 7919 + seed * 104_729) % 1_000_003) / Double(seed + 1) }
      let answer = try JSONReader.answer(in: try JSONEncoder().encode(values))
      #expect(answer == .list(values.map(Answer.number)))
    }
  }

  @Test func `a damaged text is refused or is still JSON`() throws {
    let text = Array(#"{"a": [1, -2.5e3, "x\u00e9\n", true, null, {"b": {}}], "c": 0}"#.utf8)
    let pieces = Array("{}[],:\"\\0-.eEtnu \u{0}\u{ff}".utf8)
    var chance = Chance(state: 7)
    var accepted = 0
    for _ in 1...20_000 {
      var damaged = text
      for _ in 0...chance.below(3) {
        let place = chance.below(damaged.count)
        switch chance.below(3) {
        case 0: damaged[place] = pieces[chance.below(pieces.count)]
        case 1: damaged.insert(pieces[chance.below(pieces.count)], at: place)
        default: damaged.remove(at: place)
        }
      }
      guard (try? JSONReader.answer(in: damaged)) != nil else { continue }
      accepted += 1
      let shown = String(decoding: damaged, as: UTF8.self)
      #expect(throws: Never.self, "\(shown)") { try JSONDecoder().decode(Whole.self, from: Data(damaged)) }
    }
    #expect(accepted > 100)
  }

  /// Reads any JSON to its end.
  private struct Whole: Decodable { init(from decoder: any Decoder) throws {} }

  /// The same numbers each time.
  private struct Chance {
    var state: UInt64
    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
  }
}
