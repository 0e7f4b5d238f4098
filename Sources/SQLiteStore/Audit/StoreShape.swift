import GRDB

/// What a store is made of, beside what is in it: its tables, indices, views and triggers.
///
/// A trigger that was dropped changes nothing that is read, and lets everything be changed later.
struct StoreShape: Equatable {
  /// By name: its kind, and the text that made it.
  private let parts: [String: Part]

  private struct Part: Equatable {
    var kind: String
    var text: String
  }

  init(_ db: Database) throws {
    // What SQLite makes by itself, and what `ANALYZE` leaves, has a name of its own.
    let rows = try Prepared(
      db, "SELECT name, type, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    var parts: [String: Part] = [:]
    while try rows.step() { parts[rows.text(0)] = Part(kind: rows.text(1), text: rows.text(2)) }
    self.parts = parts
  }

  /// As this version makes stores, and brings older ones to.
  static func expected() throws -> StoreShape {
    let queue = try DatabaseQueue()
    try Schema.migrator.migrate(queue)
    return try queue.read { try StoreShape($0) }
  }

  /// The first difference from what it should be, in the order of the names; `nil`: there is none.
  func difference(from expected: StoreShape) -> String? {
    for name in Set(parts.keys).union(expected.parts.keys).sorted() where parts[name] != expected.parts[name] {
      guard let wanted = expected.parts[name] else {
        return "it has a \(parts[name]?.kind ?? "part") \"\(name)\", which Headgate does not make"
      }
      return "the \(wanted.kind) \"\(name)\" is \(parts[name] == nil ? "missing" : "not as Headgate makes it")"
    }
    return nil
  }
}

extension Database {
  func shapeFinding(_ extent: JournalExtent) throws -> AuditFinding? {
    guard let what = try StoreShape(self).difference(from: .expected()) else { return nil }
    return AuditFinding(max(extent.last, 1), .shape(what: what))
  }
}
