/// Finds a place in a list by its key, by bytes. Neither builds nor allocates anything to look something up.
struct KeyIndex: Sendable {
  /// A place, and the upper half of its key's hash; -1 for none. As many as a power of two, at most half of them taken.
  private struct Slot {
    var place: Int32 = -1
    var print: UInt32 = 0
  }

  private var slots: [Slot]
  private let mask: Int

  /// Of a key that stands several times the first place counts.
  init(_ keys: some Collection<String>) {
    var size = 4
    while size < keys.count * 2 { size *= 2 }
    slots = Array(repeating: Slot(), count: size)
    mask = size - 1
    let list = Array(keys)
    for (place, key) in list.enumerated() {
      let hash = Self.hash(of: key)
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot].place >= 0, !list[Int(slots[slot].place)].hasSameBytes(as: key) { slot = (slot + 1) & mask }
      if slots[slot].place < 0 { slots[slot] = Slot(place: Int32(place), print: UInt32(hash >> 32)) }
    }
  }

  /// - Parameter matches: whether a place has the key.
  @inline(__always)
  func place(of key: String, where matches: (Int) -> Bool) -> Int? {
    let hash = Self.hash(of: key)
    let print = UInt32(hash >> 32)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let taken = slots[slot]
      if taken.place < 0 { return nil }
      if taken.print == print, matches(Int(taken.place)) { return Int(taken.place) }
      slot = (slot + 1) & mask
    }
  }

  /// Eight bytes at a time, each multiplied to 128 bits and folded: whoever writes keys is whoever serves them, so nobody
  /// gains by making them collide.
  @inline(__always)
  static func hash(of key: String) -> UInt64 {
    key.withBytes { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      var hash = 0x9e37_79b9_7f4a_7c15 ^ UInt64(raw.count)
      var index = 0
      while index + 8 <= raw.count {
        hash = mixed(hash ^ UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
        index += 8
      }
      var tail: UInt64 = 0
      while index < raw.count {
        tail = tail << 8 | UInt64(raw[index])
        index += 1
      }
      return mixed(hash ^ tail)
    }
  }

  @inline(__always)
  private static func mixed(_ value: UInt64) -> UInt64 {
    let (high, low) = value.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    return high ^ low
  }
}
