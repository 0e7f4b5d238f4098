extension RuleCompiler {
  /// `[key, [name, weight], …]` or, with the flag's and the user's key for a key, `[[name, weight], …]`.
  mutating func compileFractional(_ arguments: [JSONNode], _ node: JSONNode, at place: String, depth: Int) -> Int32 {
    var buckets = arguments[...]
    var key: Int32 = -1
    if let first = arguments.first, first.items == nil {
      key = compile(first, at: "\(place)/0", depth: depth + 1)
      buckets = arguments.dropFirst()
    }
    guard !buckets.isEmpty else {
      note("`fractional` has no bucket", at: node, help: "Write buckets as in `[\"on\", 10]`.")
      return literal(.null, at: place)
    }
    var parts: [Int32] = []
    for (index, bucket) in buckets.enumerated() {
      let site = "\(place)/\(index + arguments.count - buckets.count)"
      guard let pair = compileBucket(bucket, at: site, depth: depth + 1) else { return literal(.null, at: place) }
      parts += pair
    }
    return split(key: key, parts, node, at: place)
  }

  /// The nodes of a bucket's name and weight; `nil` for what is no bucket: then the whole operator gives null.
  private mutating func compileBucket(_ bucket: JSONNode, at place: String, depth: Int) -> [Int32]? {
    guard let items = bucket.items, let name = items.first, items.count <= 2 else {
      note("a bucket is a list of a name and a weight", at: bucket, help: "Write it as in `[\"on\", 10]`.")
      return nil
    }
    let compiled = compile(name, at: "\(place)/0", depth: depth)
    guard items.count == 2 else { return [compiled, literal(.number(1), at: place)] }
    let weight = compile(items[1], at: "\(place)/1", depth: depth)
    if let written = constant(weight) { checkWeight(written, at: items[1]) }
    return [compiled, weight]
  }

  private mutating func checkWeight(_ weight: JSONValue, at node: JSONNode) {
    guard case .number(let number) = weight, number.value >= 0, Int64(exactly: number.value) != nil else {
      return note(
        "a weight is a whole number from 0 on, not \(weight.written)", at: node,
        help: "Only ratios count: write 1 and 199 for 0.5 %.")
    }
  }

  private mutating func split(key: Int32, _ parts: [Int32], _ node: JSONNode, at place: String) -> Int32 {
    let values = parts.compactMap { constant($0) }
    guard values.count == parts.count else {
      let span = draft.span(parts)
      return draft.add(.split(key: key, span), at: place)
    }
    let pairs = stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    guard let ends = BucketWeights.ends(pairs.map(\.1)) else {
      note(
        "the weights must be whole, and their sum from 1 to \(Generation.greatestSum)", at: node,
        help: "Without a bucket that holds anybody, the default variant is served.")
      return literal(.null, at: place)
    }
    draft.splits.append(Program.Span(start: Int32(draft.ends.count), count: Int32(ends.count)))
    draft.ends.append(contentsOf: ends)
    for (name, _) in pairs {
      draft.buckets.append(Program.Bucket(name: draft.constant(name), variant: draft.variant(named: name)))
    }
    return draft.add(.fixedSplit(key: key, split: Int32(draft.splits.count - 1)), at: place)
  }
}

enum BucketWeights {
  /// The running sums of weights; negative ones count as 0. `nil` when one is not whole, or nobody would be in any
  /// bucket, or the sum is too large.
  static func ends(_ weights: [JSONValue]) -> [Int64]? {
    var ends: [Int64] = []
    var sum: Int64 = 0
    for weight in weights {
      guard case .number(let number) = weight, let whole = Int64(exactly: number.value) else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(max(0, whole))
      if overflow { return nil }
      sum = next
      ends.append(sum)
    }
    return 1...Generation.greatestSum ~= sum ? ends : nil
  }
}
