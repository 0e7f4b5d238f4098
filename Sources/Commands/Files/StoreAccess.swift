import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

/// Opens the store that the options mean.
struct StoreAccess {
  var path: String
  /// Options with which another command finds the same store, with a space in front.
  let hint: String
  /// Where the entries lie that were moved out of it, and who may move some.
  let past: PastPlace
  private let options: StoreOptions
  private let installation: (Installation, baseDirectory: String)?

  /// - Parameter isRehearsal: then the store is one of its own, unless one is named.
  init(
    _ options: StoreOptions, installation: (Installation, baseDirectory: String)? = nil, isRehearsal: Bool = false
  ) throws {
    self.options = options
    self.installation = installation
    if let store = options.store {
      path = Store.followingLinks(store)
      hint = " --store \(store)" + (options.config.map { " --config \($0)" } ?? "")
      past = PastPlace(besides: path, installation?.0.audit.archive)
      return
    }
    let found = try installation ?? Loader(warns: false).installation(options, .readable)
    let base = URL(fileURLWithPath: found?.baseDirectory ?? ".", isDirectory: true)
    if isRehearsal {
      path = found == nil ? Rehearsal.store : URL(fileURLWithPath: Rehearsal.store, relativeTo: base).path
      hint = " --store \(path)"
    } else {
      path = Store.followingLinks(
        found.map { URL(fileURLWithPath: $0.0.store, relativeTo: base).path } ?? "headgate.db")
      hint = options.config.map { " --config \($0)" } ?? ""
    }
    past = PastPlace(besides: path, found?.0.audit.archive, base: found?.baseDirectory)
  }

  /// Who may do what to what is in the store.
  func rules() throws -> HouseRules {
    let rules = HouseRules(try installation?.0 ?? Loader(warns: false).installation(options, .readable)?.0)
    return purpose == .rehearsal ? rules.rehearsed() : rules
  }

  /// Who signs for what is in the store; `nil`: nobody does.
  func signatory() throws -> Signatory? { try Signatory(options) }

  /// - Parameter archive: folder of the entries that were moved out of the store; unless given, where the store has it.
  func reading(archive: String? = nil) throws -> ReadingStore {
    try explained { () throws(JournalFailure) in
      try Store.openForReading(path, archive: archive ?? past.folder)
    }
  }
  func asking() throws -> AskingStore { try explained { () throws(JournalFailure) in try Store.openForAsking(path) } }

  /// To see what is written from now on too.
  func following() throws -> ReadingStore {
    try explained { () throws(JournalFailure) in try Store.openForReading(path, following: true) }
  }

  /// What the store is for; `nil`: there is none yet, or nothing in it.
  var purpose: Store.Purpose? {
    guard let store = try? Store.openForReading(path), let head = try? store.head(), head.sequence > 0 else {
      return nil
    }
    return try? store.purpose()
  }

  /// The command that goes on with a run of this store.
  ///
  /// - Parameter rehearsal: options with which a rehearsal is gone on with, where they are known.
  func attach(_ run: RunID, _ rehearsal: String = "") -> String {
    let command = "headgate attach \(run)\(hint)\(rehearsal)"
    guard rehearsal.isEmpty, purpose == .rehearsal else { return command }
    return command + " --scenario FILE (the scenario that it was begun with)"
  }

  /// Files of the backends stand beside the store.
  var stateDirectory: String { path + ".state" }

  /// Failures of the store become what the command ends with.
  func explained<T>(_ body: () throws(JournalFailure) -> T) throws -> T {
    do {
      return try body()
    } catch {
      throw Stop.unknown(error.description)
    }
  }
}

extension ReadingStore {
  /// A run that must be there.
  func existing(_ id: RunID) throws -> RunRecord {
    guard let record = try run(id) else {
      throw Stop.unknown("there is no run \(id) in this store; see `headgate history`")
    }
    return record
  }

  /// Which files of an archive are not at hand, and how to mend that.
  func placeOfArchive() throws -> String {
    let files = try unread()?.files ?? []
    let names = files.count > 1 ? "one of \(files.count) files from \(files[0]) on" : files.first ?? "no file"
    return
      "look in \(names); name the folder with --archive, or as `audit: { archive: { folder: … } }` in headgate.yaml"
  }

  /// Runs in flight, the oldest first.
  ///
  /// - Parameter limit: how many of the youngest; `nil`: all.
  func unfinished(youngest limit: Int? = nil) throws -> [RunRecord] {
    let states = Set(RunRecord.Status.allCases.filter { !$0.hasEnded })
    return try runs(RunFilter(status: states, limit: limit)).sorted { $0.id < $1.id }
  }

  /// How a run was started, and the plan of its pipeline.
  func start(of record: RunRecord) throws -> (Start, Plan) {
    guard case .started(let start)? = try entry(record.first)?.fact else {
      throw Stop.unknown("entry \(record.first) of the journal does not start run \(record.id)")
    }
    return (start, try plan(of: start))
  }

  /// Now, or the store's last instant, when that is later: a rehearsal's time runs ahead.
  func now() throws -> Timestamp { max(.wall, try head().time) }

  /// The plan of a run, compiled from the text in the journal.
  private func plan(of start: Start) throws -> Plan {
    guard let entry = try entry(start.definition), case .defined(_, let path, let text) = entry.fact else {
      throw Stop.unknown("entry \(start.definition) of the journal does not define the run's pipeline")
    }
    do {
      return Plan(try SyntaxCompiler().compile(text: text, path: path))
    } catch {
      throw Stop.unknown("the run's pipeline is not one that this version of headgate understands:\n\(error)")
    }
  }

  /// A chronicle that has taken a run's entries, and the sentences they gave.
  func chronicle(of record: RunRecord) throws -> (Chronicle, [Sentence], [Entry]) {
    var chronicle = Chronicle(plan: try start(of: record).1)
    var sentences: [Sentence] = []
    let entries = try entries(of: record.id)
    for entry in entries { sentences += try chronicle.take(entry) }
    return (chronicle, sentences, entries)
  }
}
