package import Controller
package import Engine
import GRDB
package import PipelineModel

/// A store as a process has it that only looks. Each call sees the store as of one commit.
package final class ReadingStore {
  private var opened: OpenedStore
  private let file: StoreFile
  /// Folder of the entries that are no longer in the store; `nil`: those cannot be read.
  private let archive: String?
  private let lines = SegmentLines()

  init(_ opened: OpenedStore, file: StoreFile, archive: String? = nil) {
    self.opened = opened
    self.file = file
    self.archive = archive
  }

  /// Whoever drives the store now; `nil`: nobody, or a command that is about to leave.
  package var driver: Driver? { Driver(of: file.path).flatMap { $0.isBrief ? nil : $0 } }

  /// What the store is for.
  package func purpose() throws(JournalFailure) -> Store.Purpose {
    try read { db in
      try String.fetchOne(db, sql: "SELECT purpose FROM store").flatMap(Store.Purpose.init(rawValue:)) ?? .real
    }
  }

  /// Where the journal ends.
  package func head() throws(JournalFailure) -> JournalHead { try read { try $0.journalHead() } }

  /// All entries of one run, in order; empty for a run that does not exist.
  package func entries(of run: RunID) throws(JournalFailure) -> [Entry] { try entries(of: run, after: 0) }

  /// Those of one run's entries that come after a sequence number, in order: what is new to somebody who follows it.
  package func entries(of run: RunID, after sequence: Int64) throws(JournalFailure) -> [Entry] {
    try read { try $0.entries(of: run, after: sequence, archive: folder($0)) }
  }

  package func entry(_ sequence: Int64) throws(JournalFailure) -> Entry? {
    try read { try $0.entry(sequence, archive: folder($0)) }
  }

  /// What lies in archives and is not looked at from here; `nil`: nothing.
  package func unread() throws(JournalFailure) -> UnreadPart? {
    try read { db in
      let part = try db.archivedPart()
      return archive == nil && part.last > 0 ? UnreadPart(part) : nil
    }
  }

  /// The entries up to here lie in an archive; 0: none do.
  package func archived() throws(JournalFailure) -> Int64 { try read { try $0.archivedPart().last } }

  func folder(_ db: Database) throws -> ArchiveFolder? {
    try archive.map { ArchiveFolder($0, try db.archivedPart(), lines) }
  }

  /// One run; `nil`: there is none of that number.
  package func run(_ id: RunID) throws(JournalFailure) -> RunRecord? { try read { try $0.run(id) } }

  /// Runs that fit, the newest first.
  package func runs(_ filter: RunFilter = RunFilter()) throws(JournalFailure) -> [RunRecord] {
    try read { try $0.runs(filter) }
  }

  package func targets() throws(JournalFailure) -> [TargetRecord] { try read { try $0.targets() } }

  /// Backends that are not simply asked, as whoever drives the store sees them; none when nobody does.
  package func health() throws(JournalFailure) -> [BackendHealth] {
    driver == nil ? [] : try read { try $0.health() }
  }

  /// One incident; `nil`: there is none of that number.
  package func incident(_ number: Int64) throws(JournalFailure) -> IncidentRecord? {
    try read { try $0.incident(number) }
  }

  /// Incidents that fit, in the order in which they began.
  package func incidents(
    _ filter: MomentFilter = MomentFilter(), openOnly: Bool = false
  ) throws(JournalFailure) -> [IncidentRecord] {
    try read { try $0.incidents(filter, openOnly: openOnly) }
  }

  /// What the time line of a period is made of: the entries, with their runs, in order.
  ///
  /// Where the period reaches into an archive, a few of before and after it are among them.
  package func moments(_ filter: MomentFilter) throws(JournalFailure) -> [MomentRow] {
    try read { try $0.moments(filter, archive: folder($0)) }
  }

  /// How many entries the time line of a period may lack, since they lie in an archive that is not given.
  package func hiddenMoments(_ filter: MomentFilter) throws(JournalFailure) -> Int {
    try read { try archive == nil ? $0.hiddenMoments(filter) : 0 }
  }

  /// A run's entries up to one of them, in order.
  package func entries(of run: RunID, upTo last: Int64) throws(JournalFailure) -> [Entry] {
    try read { db in
      guard try db.archivedPart().last > 0 else { return try db.entries(of: run, endingAt: last) }
      return try db.entries(of: run, after: 0, archive: folder(db)).filter { $0.sequence <= last }
    }
  }

  /// Requests that have no answer yet.
  package func requests() throws(JournalFailure) -> [Request] { try read { try $0.openRequests() } }

  /// Calls `visit` with each entry that fits, in the filter's order, until it returns `false`.
  package func forEachEntry(_ filter: EntryFilter, _ visit: (AuditLine) throws -> Bool) throws(JournalFailure) {
    try file.explained {
      // What was visited cannot be taken back.
      if opened.isAtRest { opened = try file.readable(.besideOthers) }
      try opened.queue.read { try Listing($0, filter, archive: folder($0)).forEach(visit) }
    }
  }

  /// How many entries fit, whatever the limit.
  package func count(_ filter: EntryFilter) throws(JournalFailure) -> Int64 {
    try read { db in
      if filter.isOnlyAPeriod, try archive == nil || db.archivedPart().last == 0 { return try db.count(filter) }
      var (count, filter) = (Int64(0), filter)
      filter.limit = nil
      try Listing(db, filter, archive: folder(db)).forEach { _ in
        count += 1
        return true
      }
      return count
    }
  }

  /// - Parameter body: may be called more than once, when somebody else drives the store meanwhile.
  func read<T>(_ body: (Database) throws -> T) throws(JournalFailure) -> T {
    try file.explained {
      for _ in 0..<3 {
        let result = Result { try opened.queue.read(body) }
        if opened.isUndisturbed { return try result.get() }
        opened = try file.readable(.besideOthers)
      }
      return try opened.queue.read(body)
    }
  }
}
