/// The three ways in which flagd's `fractional` has put people into buckets. The same rule gives the same user different
/// answers under each, so a set of flags is pinned to one.
package enum Generation: String, Hashable, Sendable, CaseIterable {
  /// A float of the signed hash of the key's bytes.
  case v1
  /// The unsigned hash of the key's bytes, scaled to the sum of the weights.
  case v2
  /// As `v2`, of the key's deterministic CBOR: keys of every type, and no ambiguity between flag key and targeting key.
  case v3

  package static let standard = Generation.v2

  /// Weights may sum to this at most.
  package static let greatestSum = Int64(Int32.max)

  /// Hash of a key that a rule names; `nil` for a key that cannot be hashed.
  @inline(__always)
  func hash(_ key: JSONValue) -> UInt32? {
    switch self {
    case .v1, .v2:
      guard case .text(let text) = key else { return nil }
      return Murmur3.hash(of: text)
    case .v3:
      if case .number(let number) = key, !number.value.isFinite { return nil }
      var cbor = DeterministicCBOR(into: Murmur3())
      cbor.add(key)
      return cbor.sink.value
    }
  }

  /// Hash of a rule that names no key.
  @inline(__always)
  package func hash(flagKey: String, targetingKey: String) -> UInt32 {
    switch self {
    case .v1, .v2:
      var murmur = Murmur3()
      murmur.add(flagKey)
      murmur.add(targetingKey)
      return murmur.value
    case .v3:
      var cbor = DeterministicCBOR(into: Murmur3())
      cbor.beginArray(of: 2)
      cbor.add(flagKey)
      cbor.add(targetingKey)
      return cbor.sink.value
    }
  }

  /// A hash that has taken in a flag's key already; `nil` where that is not how the key of a person is hashed.
  func prefix(flagKey: String) -> Murmur3? {
    switch self {
    case .v1, .v2:
      var murmur = Murmur3()
      murmur.add(flagKey)
      return murmur
    case .v3: return nil
    }
  }

  /// Index of the bucket that a hash falls into.
  ///
  /// - Parameter ends: the running sums of the weights; the last is positive and at most `greatestSum`.
  @inline(__always)
  package func bucket(of hash: UInt32, ends: some RandomAccessCollection<Int64>) -> Int {
    guard let sum = ends.last else { return 0 }
    switch self {
    case .v1: return Self.floatBucket(of: hash, ends: ends, sum: sum)
    case .v2, .v3:
      let place = Int64((UInt64(hash) &* UInt64(sum)) >> 32)
      var index = 0
      for end in ends {
        if place < end { return index }
        index += 1
      }
      return index - 1
    }
  }

  /// Two hashes scale to 100 or a hair more, which is in no bucket: they belong to the last that holds anybody.
  private static func floatBucket(of hash: UInt32, ends: some RandomAccessCollection<Int64>, sum: Int64) -> Int {
    let place = Double(Int32(bitPattern: hash).magnitude) / 2_147_483_647 * 100
    var (edge, before, index, last) = (0.0, Int64(0), 0, 0)
    for end in ends {
      edge += 100 * Double(end - before) / Double(sum)
      if place < edge { return index }
      if end > before { last = index }
      (before, index) = (end, index + 1)
    }
    return last
  }
}
