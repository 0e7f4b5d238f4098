extension Evaluator {
  /// Index in `buckets` of the one that the user is in; `nil` without a key.
  @inline(__always)
  mutating func bucket(_ key: Int32, _ split: Int32) throws(Exhausted) -> Int? {
    guard let hash = try hash(key) else { return nil }
    try spend(Int(program.splits[Int(split)].count) / 8)
    return bucket(of: hash, program.splits[Int(split)])
  }

  @inline(__always)
  func bucket(of hash: UInt32, _ split: Program.Span) -> Int {
    let ends = UnsafeBufferPointer(start: program.ends + Int(split.start), count: Int(split.count))
    return Int(split.start) + program.generation.bucket(of: hash, ends: ends)
  }

  @inline(__always)
  mutating func hash(_ key: Int32) throws(Exhausted) -> UInt32? {
    if key < 0 { return try hashOfKeys() }
    let value = try value(key)
    switch value {
    case .text(let text): try spend(text.utf8.count / 4)
    // flagd's second generation, and the first, go by the user's key when the rule's is null; the third does not.
    case .null: return program.generation == .v3 ? nil : try hashOfKeys()
    case .list: return nil
    case .bool, .number, .object: try spend(weight(of: value))
    }
    return program.generation.hash(value)
  }

  private mutating func hashOfKeys() throws(Exhausted) -> UInt32? {
    guard scope == nil, let index = context.index(of: WellKnownNames.targetingKey),
      case .text(let targetingKey) = context.members[index].value, !targetingKey.utf8.isEmpty
    else { return nil }
    try spend(targetingKey.utf8.count / 4)
    guard var murmur = program.hashedFlagKey else {
      return program.generation.hash(flagKey: program.flagKey, targetingKey: targetingKey)
    }
    murmur.add(targetingKey)
    return murmur.value
  }

  /// All names and weights are evaluated, as every argument of an operator is.
  mutating func computedSplit(_ key: Int32, _ span: Program.Span) throws(Exhausted) -> JSONValue {
    guard let hash = try hash(key) else { return .null }
    let parts = try values(span)
    let weights = stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
    guard let ends = BucketWeights.ends(weights) else { return .null }
    return parts[2 * program.generation.bucket(of: hash, ends: ends)]
  }
}

enum WellKnownNames {
  static let targetingKey = JSONName("targetingKey")
}
