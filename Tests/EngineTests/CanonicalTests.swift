import Engine
import Foundation
import PipelineModel
import Testing

// The canonical encoding: each entry has one, reading it gives the entry back, and no other bytes are read as an entry.
// Shown over entries of every shape from printed seeds, and over mutations of their bytes.

@Suite struct CanonicalTests {
  private static let seeds: [UInt64] = [1, 2, UInt64.random(in: 3...UInt64.max)]

  @Test(arguments: seeds) func `every entry comes back from its bytes`(_ seed: UInt64) throws {
    var arbitrary = Arbitrary(seed: seed)
    for _ in 0..<4000 {
      let entry = arbitrary.entry()
      let bytes = entry.canonical
      let read = try Entry(canonical: bytes)
      // NaN differs from itself, so the bytes are compared first; the entries are, where there is none.
      #expect(read.canonical == bytes)
      if !String(decoding: bytes, as: UTF8.self).contains("\"NaN\"") { #expect(read == entry) }
    }
  }

  @Test(arguments: seeds) func `the encoding is JSON that others read too`(_ seed: UInt64) throws {
    var arbitrary = Arbitrary(seed: seed)
    for _ in 0..<1000 {
      let entry = arbitrary.entry()
      let read = try JSONDecoder().decode(Read.self, from: Data(entry.canonical))
      #expect(read.seq == entry.sequence)
      #expect(read.origin.utf8.elementsEqual(entry.origin.utf8))
      #expect(read.reason.map { Array($0.utf8) } == entry.reason.map { Array($0.utf8) })
      #expect(read.fact.kind == entry.fact.kind.rawValue)
    }
  }

  private struct Read: Decodable {
    var seq: Int64
    var origin: String
    var reason: String?
    var fact: Fact

    struct Fact: Decodable {
      var kind: String
    }
  }

  @Test(arguments: seeds) func `changed bytes are another entry or none`(_ seed: UInt64) throws {
    var arbitrary = Arbitrary(seed: seed)
    for _ in 0..<150 {
      let bytes = arbitrary.entry().canonical
      for position in bytes.indices {
        var changed = bytes
        changed[position] = UInt8(truncatingIfNeeded: arbitrary.next())
        expectCanonicalOrRefused(changed)
      }
    }
  }

  @Test(arguments: seeds) func `bytes left out, doubled or put in are another entry or none`(_ seed: UInt64) throws {
    var arbitrary = Arbitrary(seed: seed)
    let marks = Array(" 0\"\\,:[]{}-.e".utf8)
    for _ in 0..<80 {
      let bytes = arbitrary.entry().canonical
      for position in bytes.indices {
        var shorter = bytes
        shorter.remove(at: position)
        var longer = bytes
        longer.insert(arbitrary.pick(marks), at: position)
        var doubled = bytes
        doubled.insert(bytes[position], at: position)
        for changed in [shorter, longer, doubled, Array(bytes[..<position])] { expectCanonicalOrRefused(changed) }
      }
    }
  }

  /// What the short way reads, the long way reads too, and to the same; also after another measurement, which it
  /// remembers something of.
  private func expectCanonicalOrRefused(_ bytes: [UInt8], after reader: MeasurementReader = MeasurementReader()) {
    var reader = reader
    let measurement = bytes.withUnsafeBytes { reader.read($0) }
    guard let read = try? Entry(canonical: bytes) else { return #expect(measurement == nil) }
    if let measurement { expect(measurement, isOf: read) }
    #expect(read.canonical == bytes, "\(String(decoding: bytes, as: UTF8.self))")
  }

  private func expect(_ measurement: MeasuredEntry, isOf entry: Entry) {
    #expect(measurement.header == EntryHeader(of: entry))
    #expect(entry.run.map { RunFact(measurement, of: $0) } == RunFact(entry))
    #expect(entry.fact == .measured(measurement.effect, .answer(.number(measurement.value))))
  }

  @Test func `the encoding of one entry of each kind stays as it is`() {
    let entry = Entry(
      sequence: 7, time: Timestamp(milliseconds: 1_795_266_300_123), run: RunID(41), previous: 5,
      actor: .person("alice"),
      origin: "cli", reason: "said \"go\"\n", fact: .measured(EffectID(3), .answer(.number(0.0025))),
      decisions: [
        .judged(.move, metric: 0, .pass),
        .concluded(.move, .pass, [MetricReport(metric: 0, verdict: .pass, passes: 10, last: 0.5)]),
      ])
    #expect(
      String(decoding: entry.canonical, as: UTF8.self) == #"""
        {"seq":7,"time":"2026-11-21T13:05:00.123Z","run":41,"prev":5,"actor":"person:alice","origin":"cli",\#
        "reason":"said \"go\"\n","fact":{"kind":"measured","effect":3,"answer":0.0025},\#
        "decided":[["judged","move",0,"pass"],["concluded","move","pass",[[0,"pass",10,0,0,0,0,0.5]]]]}
        """#)
  }

  static let refused: [(why: String, fact: String)] = [
    ("white space", #"{"kind": "timePassed"}"#),
    ("an escape that is not needed", #"{"kind":"checked","effect":1,"status":0,"output":"\u0041"}"#),
    ("a long escape where a short one is", #"{"kind":"checked","effect":1,"status":0,"output":"\u000a"}"#),
    ("an upper-case escape", #"{"kind":"checked","effect":1,"status":0,"output":"\u001F"}"#),
    ("an escaped solidus", #"{"kind":"checked","effect":1,"status":0,"output":"\/"}"#),
    ("a bare control character", "{\"kind\":\"checked\",\"effect\":1,\"status\":0,\"output\":\"\u{1}\"}"),
    ("a leading zero", #"{"kind":"shifted","effect":01}"#), ("minus zero", #"{"kind":"shifted","effect":-0}"#),
    ("a plus", #"{"kind":"shifted","effect":+1}"#),
    ("a number too large", #"{"kind":"shifted","effect":9223372036854775808}"#),
    ("a decimal that is not the shortest", #"{"kind":"measured","effect":1,"answer":0.50}"#),
    ("a decimal without a point", #"{"kind":"measured","effect":1,"answer":5}"#),
    ("an exponent where none is", #"{"kind":"measured","effect":1,"answer":5e-1}"#),
    ("a decimal where an exponent is", #"{"kind":"measured","effect":1,"answer":0.00001}"#),
    ("digits beyond the precision", #"{"kind":"measured","effect":1,"answer":0.10000000000000000001}"#),
    ("a wrapped finite number", #"{"kind":"measured","effect":1,"answer":{"number":0.5}}"#),
    ("an unknown kind", #"{"kind":"promoted"}"#),
    ("members in another order", #"{"kind":"checked","status":0,"effect":1,"output":""}"#),
  ]

  @Test(arguments: refused) func `JSON that is not canonical is refused`(_ why: String, _ fact: String) throws {
    let whole =
      #"{"seq":1,"time":"2026-11-21T13:05:00.123Z","actor":"controller:headgate","origin":"","fact":\#(fact)}"#
    #expect(throws: DamagedEntry.self, "\(why)") { try Entry(canonical: Array(whole.utf8)) }
  }

  @Test func `an empty list of decisions, a day that is none, and bytes after the end are refused`() throws {
    let good =
      #"{"seq":1,"time":"2026-02-28T13:05:00.123Z","actor":"controller:headgate","origin":"","#
      + #""fact":{"kind":"timePassed"}}"#
    _ = try Entry(canonical: Array(good.utf8))
    for bad in [
      good.replacing("}}", with: #"},"decided":[]}"#), good.replacing("02-28", with: "02-29"),
      good.replacing("02-28", with: "04-31"), good + " ", good + good, "", "{", good.replacing("28T13", with: "28T24"),
      good.replacing(#""2026-02-28T13:05:00.123Z""#, with: "1772283900123"),
    ] {
      #expect(throws: DamagedEntry.self, "\(bad)") { try Entry(canonical: Array(bad.utf8)) }
    }
    #expect(throws: DamagedEntry.self) {
      try Entry(canonical: Array(good.utf8.dropLast(20)) + [0xC3, 0x28] + good.utf8.suffix(20))
    }
  }

  @Test func `a judged measurement is read the short way, and no change of it that is not canonical`() {
    for answer in [
      Answer.number(0.0025), .number(1 / 3), .number(-.leastNonzeroMagnitude), .number(.nan), .text("NaN"), .list([]),
    ] {
      let entry = Entry(
        sequence: 7, time: Timestamp(milliseconds: 1_795_266_300_123), run: RunID(41), previous: 5,
        fact: .measured(EffectID(3), .answer(answer)),
        decisions: [.judged(.move, metric: 0, .pass), .judged(.background, metric: 1, .noData)])
      let bytes = entry.canonical
      var reader = MeasurementReader()
      let measurement = bytes.withUnsafeBytes { reader.read($0) }
      if case .number(let value) = answer, value.isFinite {
        #expect(measurement?.header == EntryHeader(of: entry))
        #expect(measurement?.value == value)
      } else {
        #expect(measurement == nil)
      }
      for position in bytes.indices {
        for byte in Array(" 0169.,:\"[]{}-+eN".utf8) {
          var changed = bytes
          changed[position] = byte
          expectCanonicalOrRefused(changed, after: reader)
          changed = bytes
          changed.insert(byte, at: position)
          expectCanonicalOrRefused(changed, after: reader)
        }
        var shorter = bytes
        shorter.remove(at: position)
        expectCanonicalOrRefused(shorter, after: reader)
      }
    }
  }

  @Test func `a measurement of the next second, minute or day is read as well as the one before`() throws {
    var reader = MeasurementReader()
    for milliseconds in [0, 1, 999, 1000, 59_999, 60_000, 3_600_000, 86_399_999, 86_400_000, -1, -86_400_000_000_000] {
      let entry = Entry(
        sequence: 7, time: Timestamp(milliseconds: 1_795_219_200_000 + Int64(milliseconds)), run: RunID(1),
        fact: .measured(EffectID(3), .answer(.number(0.5))), decisions: [.judged(.move, metric: 0, .fail)])
      expect(try #require(entry.canonical.withUnsafeBytes { reader.read($0) }), isOf: entry)
    }
  }

  @Test(arguments: seeds) func `a decimal is read where it is the one written for its number, and nowhere else`(
    _ seed: UInt64
  ) throws {
    var arbitrary = Arbitrary(seed: seed)
    var reader = MeasurementReader()
    for _ in 0..<4000 {
      for text in arbitrary.decimals() {
        let entry =
          #"{"seq":1,"time":"2026-11-21T13:05:00.123Z","run":1,"prev":0,"actor":"controller:headgate","#
          + #""origin":"controller","fact":{"kind":"measured","effect":1,"answer":\#(text)}}"#
        let read = Array(entry.utf8).withUnsafeBytes { reader.read($0) }
        let value = Double(text)
        #expect(read?.value.bitPattern == (value?.description == text ? value?.bitPattern : nil), "\(text)")
      }
    }
  }

  @Test func `an answer that nests too deep is cut off where it is written`() throws {
    var answer = Answer.number(1)
    for _ in 0..<600 { answer = .list([answer]) }
    let entry = Entry(time: Timestamp(milliseconds: 0), run: nil, fact: .measured(EffectID(1), .answer(answer)))
    let read = try Entry(canonical: entry.canonical)
    #expect(read.canonical == entry.canonical)
  }
}
