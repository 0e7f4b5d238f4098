import Narrative
import Testing

/// Any number that a provider can answer is written down; none stops the teller.
@Suite struct UnitTests {
  private static let units: [Narrative.Unit] = [.plain, .percent, .seconds, .bytes]

  @Test(
    arguments: units,
    [
      1e15, 9.3e18, 1.8e19, 1e300, .greatestFiniteMagnitude, -1e19, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
      -0.0,
      .infinity, -.infinity, .nan,
    ])
  func `no number is too large to be told`(unit: Narrative.Unit, value: Double) {
    #expect(!unit.format(value).isEmpty)
  }

  @Test(arguments: units) func `numbers of any bits are told`(unit: Narrative.Unit) {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<10_000 {
      let value = Double(bitPattern: random.next())
      #expect(!unit.format(value).isEmpty, "\(value.bitPattern)")
    }
  }

  @Test func `common numbers have three digits`() {
    #expect(Narrative.Unit.plain.format(1e19) == "1e+19")
    #expect(Narrative.Unit.plain.format(123_456) == "123456")
    #expect(Narrative.Unit.percent.format(0.012345) == "1.23%")
    #expect(Narrative.Unit.bytes.format(0x1p31) == "2GiB")
  }
}
