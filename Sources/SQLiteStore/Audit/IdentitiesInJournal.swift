import Engine
import GRDB

/// Which store the journal says it is, with the first entry that says so. Usually one.
struct IdentitiesInJournal {
  private var first: [StoreIdentity: Int64] = [:]

  mutating func add(_ entry: Entry) {
    guard case .controllerStarted(_, let identity?) = entry.fact, first[identity] == nil else { return }
    first[identity] = entry.sequence
  }

  mutating func add(_ other: IdentitiesInJournal) { first.merge(other.first) { min($0, $1) } }

  /// Of a store that says it is another, or for something else.
  func finding(_ db: Database) throws -> AuditFinding? {
    guard let row = try Row.fetchOne(db, sql: "SELECT id, purpose FROM store") else { return nil }
    let store = StoreIdentity(name: row[0], purpose: row[1])
    return first.filter { $0.key != store }.min { $0.value < $1.value }.map {
      AuditFinding($1, .identity($0, found: store))
    }
  }
}
