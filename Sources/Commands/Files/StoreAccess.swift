import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

/// Opens the store that the options mean.
struct StoreAccess {
  var path: String

  init(_ options: StoreOptions, installation: (Installation, baseDirectory: String)? = nil) throws {
    if let store = options.store {
      path = store
    } else if let (installation, base) = try installation ?? Loader(warns: false).installation(options) {
      path = URL(fileURLWithPath: installation.store, relativeTo: URL(fileURLWithPath: base, isDirectory: true)).path
    } else {
      path = "headgate.db"
    }
  }

  func reading() throws -> ReadingStore { try explained { () throws(JournalFailure) in try Store.openForReading(path) } }
  func asking() throws -> AskingStore { try explained { () throws(JournalFailure) in try Store.openForAsking(path) } }

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
  /// The plan of a run, compiled from the text in the journal.
  func plan(of start: Start) throws -> Plan {
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
  func chronicle(of run: RunID) throws -> (Chronicle, [Sentence], [Entry]) {
    let entries = try entries(of: run)
    guard case .started(let start)? = entries.first?.fact else {
      throw Stop.unknown("there is no run \(run) in this store; see `headgate history`")
    }
    var chronicle = Chronicle(plan: try plan(of: start))
    var sentences: [Sentence] = []
    for entry in entries { sentences += try chronicle.take(entry) }
    return (chronicle, sentences, entries)
  }
}
