package import Controller
import Engine
import Flags
import GRDB

extension Database {
  /// Every service that something in the store is of, sorted: of runs and targets, of flags, incidents and freezes.
  func services() throws -> [String] {
    var services = Set(
      try String.fetchAll(
        self,
        sql: """
          SELECT service FROM targets UNION SELECT service FROM runs
          UNION SELECT service FROM moments WHERE service <> ''
          """
      ).filter { !$0.contains(":") })
    for incident in try incidents() { services.formUnion(incident.incident.services) }
    for record in try freezes(MomentFilter()) { services.formUnion(record.freeze.services) }
    for flag in try flags(in: nil) { services.formUnion(flag.revision.contract.services) }
    return services.sorted()
  }
}

extension ReadingStore {
  /// Every service that something in the store is of, sorted.
  package func services() throws(JournalFailure) -> [String] { try read { try $0.services() } }
}
