/// MurmurHash3_x86_32, fed piece by piece; the same pieces cut otherwise give the same hash.
package struct Murmur3: ByteSink {
  private var hash: UInt32
  private var tail: UInt32 = 0
  private var length: UInt32 = 0

  package init(seed: UInt32 = 0) { hash = seed }

  /// Of the UTF-8 bytes.
  package static func hash(of text: String, seed: UInt32 = 0) -> UInt32 {
    var murmur = Murmur3(seed: seed)
    murmur.add(text)
    return murmur.value
  }

  @inline(__always)
  package mutating func add(_ byte: UInt8) {
    tail |= UInt32(byte) &<< ((length & 3) &* 8)
    length &+= 1
    if length & 3 == 0 {
      mix(tail)
      tail = 0
    }
  }

  @inline(__always)
  package mutating func add(_ text: String) {
    self = text.withBytes { bytes in
      var murmur = self
      murmur.add(bytes)
      return murmur
    }
  }

  @inline(__always)
  mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while length & 3 != 0, index < bytes.count {
      add(bytes[index])
      index += 1
    }
    let raw = UnsafeRawBufferPointer(bytes)
    while index + 4 <= bytes.count {
      mix(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
      length &+= 4
      index += 4
    }
    while index < bytes.count {
      add(bytes[index])
      index += 1
    }
  }

  @inline(__always)
  private mutating func mix(_ block: UInt32) {
    hash ^= Self.scrambled(block)
    hash = (hash &<< 13 | hash &>> 19) &* 5 &+ 0xe654_6b64
  }

  @inline(__always)
  private static func scrambled(_ block: UInt32) -> UInt32 {
    let product = block &* 0xcc9e_2d51
    return (product &<< 15 | product &>> 17) &* 0x1b87_3593
  }

  package var value: UInt32 {
    var h = hash
    if length & 3 != 0 { h ^= Self.scrambled(tail) }
    h ^= length
    h = (h ^ h &>> 16) &* 0x85eb_ca6b
    h = (h ^ h &>> 13) &* 0xc2b2_ae35
    return h ^ h &>> 16
  }
}

/// Takes bytes in order.
package protocol ByteSink {
  mutating func add(_ byte: UInt8)
  /// The UTF-8 bytes of a text.
  mutating func add(_ text: String)
}

/// Bytes that are kept.
package struct KeptBytes: ByteSink {
  package private(set) var bytes: [UInt8] = []
  package init() {}
  package mutating func add(_ byte: UInt8) { bytes.append(byte) }
  package mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
