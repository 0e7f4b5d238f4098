import Engine

/// The canonical bytes and hashes of a batch's entries, ready to be written; the buffers are used again and again.
struct Sealed {
  private var out = JournalWriter(capacity: 1 << 16)
  private var ends: [Int] = []
  private(set) var hashes: [ChainHash] = []

  /// Encodes and chains `entries` after `tip`.
  mutating func seal(_ entries: [Entry], after tip: ChainHash) {
    out.bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    hashes.removeAll(keepingCapacity: true)
    for entry in entries {
      entry.write(to: &out)
      ends.append(out.bytes.count)
    }
    chain(after: tip)
  }

  private mutating func chain(after tip: ChainHash) {
    var tip = tip
    out.bytes.withUnsafeBytes { bytes in
      var start = 0
      for end in ends {
        tip = tip.next(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        hashes.append(tip)
        start = end
      }
    }
  }

  /// The bytes of each entry with its hash, in order.
  func forEach(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Void) rethrows {
    try out.bytes.withUnsafeBytes { bytes in
      try hashes.withUnsafeBytes { digests in
        var start = 0
        for (index, end) in ends.enumerated() {
          let digest = digests[index * ChainHash.size..<(index + 1) * ChainHash.size]
          try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), UnsafeRawBufferPointer(rebasing: digest))
          start = end
        }
      }
    }
  }
}
