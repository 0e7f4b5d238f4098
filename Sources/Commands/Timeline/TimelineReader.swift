import Engine
import Narrative
import PipelineModel
import SQLiteStore

/// Reads from a store what happened to services, and what changed what their users met.
///
/// Only the runs that have moments in the period are folded, each up to the last of these; so it costs what happened,
/// not what the journal holds.
struct TimelineReader {
  let store: ReadingStore

  /// In order.
  func moments(_ filter: MomentFilter) throws -> [Moment] {
    var moments = try incidents(filter)
    try forEachEntry(filter) { entry, chronicle in moments += try chronicle.moments(taking: entry) }
    return moments.inOrder()
  }

  /// In no particular order.
  func changes(_ filter: MomentFilter) throws -> [ExposureChange] {
    var changes: [ExposureChange] = []
    try forEachEntry(filter) { entry, chronicle in changes += try chronicle.changes(taking: entry) }
    return changes
  }

  /// Entries of runs that are moments in the period, with the chronicle that is to take each.
  private func forEachEntry(
    _ filter: MomentFilter, _ visit: (Entry, inout Chronicle) throws -> Void
  ) throws {
    var wanted: [RunID: Set<Int64>] = [:]
    for row in try store.moments(filter) {
      if let run = row.run { wanted[run, default: []].insert(row.sequence) }
    }
    for (run, numbers) in wanted.sorted(by: { $0.key < $1.key }) {
      guard let record = try store.run(run), let last = numbers.max() else { continue }
      var chronicle = Chronicle(plan: try store.start(of: record).1)
      for entry in try store.entries(of: run, upTo: last) {
        if numbers.contains(entry.sequence) { try visit(entry, &chronicle) } else { try chronicle.follow(entry) }
      }
    }
  }

  /// The beginnings and the ends that are in the period.
  private func incidents(_ filter: MomentFilter) throws -> [Moment] {
    let archived = try store.archived()
    let records = try store.incidents(
      IncidentFilter(service: filter.service, environment: filter.environment, from: filter.from, to: filter.to))
    return try records.flatMap { record in
      // What lies in an archive is in no time line.
      guard record.opened > archived, let opened = try store.entry(record.opened) else { return [] as [Moment] }
      let closed = try record.closed.flatMap { try store.entry($0) }
      return (IncidentTeller(opened: opened, closed: closed)?.moments ?? []).filter(filter.includes)
    }
  }
}

extension MomentFilter {
  fileprivate func includes(_ moment: Moment) -> Bool {
    if let from, moment.time < from { return false }
    if let to, moment.time >= to { return false }
    return true
  }
}
