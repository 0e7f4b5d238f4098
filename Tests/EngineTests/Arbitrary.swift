import Engine
import PipelineModel

/// Makes entries of every shape from a seed; the same seed makes the same entries.
struct Arbitrary {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func chance() -> Bool { below(2) == 0 }

  mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

  mutating func list<T>(upTo most: Int, _ make: (inout Arbitrary) -> T) -> [T] {
    (0..<below(most + 1)).map { _ in make(&self) }
  }

  mutating func integer() -> Int64 {
    switch below(6) {
    case 0: pick([0, 1, -1, .max, .min, 9, 10, -10, 999_999_999_999])
    case 1: Int64(bitPattern: next())
    default: Int64(below(5000))
    }
  }

  mutating func double() -> Double {
    switch below(6) {
    case 0:
      pick([
        0, -0.0, 1, -1, 0.1, 1e16, 1e15, 123_456_789_012_345_680, 1e-4, 1e-5, .leastNonzeroMagnitude,
        .greatestFiniteMagnitude, 1e22,
        1e23, 0.3, 2.5e-5, .pi, 4_503_599_627_370_497.5, 9_007_199_254_740_992, 1_234_567.125,
      ])
    case 1: Double(bitPattern: next())
    case 2: Double(below(1_000_000)) / Double(pick([1, 10, 100, 1000, 7, 1_000_000]))
    case 3: pick([.nan, .infinity, -.infinity])
    default: Double(below(100_000)) / 100_000
    }
  }

  /// A number as it is written, and others like it: the digits of the double beside it, one more, one less, another.
  mutating func decimals() -> [String] {
    var value = Double(sign: .plus, exponent: below(70) - 15, significand: 1 + Double(next() >> 12) * 0x1p-52)
    switch below(4) {
    case 0: value = Double(below(10_000)) / Double(1 + below(20_000))
    case 1: value = Double(sign: .plus, exponent: below(70) - 15, significand: pick([1, 1.nextUp, 2.nextDown]))
    default: break
    }
    let text = value.description
    guard !text.contains("e"), let last = text.last?.wholeNumberValue else { return [text, "-" + text] }
    return [
      text, "-" + text, "0" + text, text + "0", text + "\(below(10))", String(text.dropLast()),
      text.dropLast() + "\((last + 1) % 10)", text.dropLast() + "\((last + 9) % 10)", text.dropLast() + "\(below(10))5",
      value.nextUp.description + "\(below(10))", text.replacing(".", with: "\(next()).", maxReplacements: 1),
    ]
  }

  mutating func text() -> String {
    let pieces = [
      "a", "checkout", "\"", "\\", "\n", "\t", "\r", "\u{0}", "\u{1f}", "\u{7f}", "é", "e\u{301}", "\u{301}", "🚦", ":",
      "/", "{}", "null", "\u{2028}", "\u{ffff}", "\u{10ffff}", " ", "\u{feff}", "\u{8}",
    ]
    return list(upTo: 6) { $0.pick(pieces) }.joined()
  }

  mutating func time() -> Timestamp {
    switch below(5) {
    case 0:
      Timestamp(
        milliseconds: pick([
          0, -1, .max, .min, -62_167_219_200_000, -62_167_219_200_001, 253_402_300_799_999, 253_402_300_800_000,
          951_782_400_000, 4_107_542_400_000,
        ]))
    case 1: Timestamp(milliseconds: Int64(below(400_000_000)) * 1_000_000 - 60_000_000_000_000)
    default: Timestamp(milliseconds: 1_795_266_300_000 + Int64(below(1_000_000_000)))
    }
  }

  mutating func effect() -> EffectID { EffectID(Int(integer())) }
  mutating func weight() -> Weight { Weight(basisPoints: below(10_001)) }
  mutating func failure() -> Failure { Failure(pick(Failure.Kind.allCases), text()) }
  mutating func run() -> RunID { RunID(integer()) }

  mutating func principal() -> Principal {
    switch below(4) {
    case 0, 1: .controller
    // An account has no colon in its name.
    case 2: .person(text(), saidBy: "ci-\(below(100))")
    default: Principal(kind: pick(Principal.Kind.allCases), name: text())
    }
  }

  mutating func entry() -> Entry {
    let run = chance() ? run() : nil
    return Entry(
      sequence: integer(), time: time(), run: run, previous: run == nil ? 0 : integer(), actor: principal(),
      origin: text(), reason: chance() ? text() : nil, fact: fact(), decisions: list(upTo: 3) { $0.decision() })
  }
}
