/// The members of an object, in the order of their names' bytes, each name once.
package struct JSONObject: Equatable, Sendable {
  package struct Member: Equatable, Sendable {
    package var name: JSONName
    package var value: JSONValue
  }

  package private(set) var members: [Member]

  package init() { members = [] }

  /// - Parameter members: in the order of their names' bytes, each name once.
  init(sorted members: [Member]) { self.members = members }

  /// Of a name that stands several times the last counts.
  package init(_ pairs: [(name: String, value: JSONValue)]) {
    members = pairs.map { Member(name: JSONName($0.name), value: $0.value) }
    // Sorting is stable, so that the last of equals stays the last.
    members.sort { $0.name.text.standsBefore($1.name.text) }
    var kept = 0
    for index in members.indices {
      if kept > 0, members[kept - 1].name == members[index].name { kept -= 1 }
      members[kept] = members[index]
      kept += 1
    }
    members.removeSubrange(kept...)
  }

  package var isEmpty: Bool { members.isEmpty }

  package subscript(name: String) -> JSONValue? { self[JSONName(name)] }

  /// Does not allocate.
  package subscript(name: JSONName) -> JSONValue? { index(of: name).map { members[$0].value } }

  /// These members, and those of `other`, which win.
  package func overlaid(by other: JSONObject) -> JSONObject {
    if isEmpty { return other }
    if other.isEmpty { return self }
    return JSONObject((members + other.members).map { ($0.name.text, $0.value) })
  }

  @inline(__always)
  func index(of name: JSONName) -> Int? { withBorrowed { $0.index(of: name) } }

  /// Lends the members out: looking at them counts no references.
  @inline(__always)
  func withBorrowed<Result>(_ body: (BorrowedObject) -> Result) -> Result {
    members.withUnsafeBufferPointer { body(BorrowedObject(members: $0)) }
  }
}

/// The members of an object that somebody else keeps meanwhile.
struct BorrowedObject {
  let members: UnsafeBufferPointer<JSONObject.Member>

  /// One that outlives the loan.
  var kept: JSONObject { JSONObject(sorted: Array(members)) }

  /// Beyond this a search by halves is faster than looking at all.
  private static let few = 16

  @inline(__always)
  func index(of name: JSONName) -> Int? {
    if members.count > Self.few { return searched(name) }
    for index in members.indices where members[index].name.fingerprint == name.fingerprint {
      if members[index].name.text.hasSameBytes(as: name.text) { return index }
    }
    return nil
  }

  private func searched(_ name: JSONName) -> Int? {
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      let order = members[middle].name.text.comparedByBytes(with: name.text)
      if order == 0 { return middle }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}

/// A member's name with a number that differs for most other names, so that most comparisons are of two numbers.
package struct JSONName: Equatable, Sendable {
  package let text: String
  let fingerprint: UInt64

  package init(_ text: String) {
    self.text = text
    // FNV-1a, 64 bits.
    fingerprint = text.withBytes { bytes in
      bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
  }

  package static func == (a: JSONName, b: JSONName) -> Bool {
    a.fingerprint == b.fingerprint && a.text.hasSameBytes(as: b.text)
  }
}
