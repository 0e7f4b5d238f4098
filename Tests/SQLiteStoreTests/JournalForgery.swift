import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Proofs

@testable import SQLiteStore

/// What one can do who may write the store, and does it well.
enum Journal {
  /// A checkpoint of the first entries, rightly made.
  static func checkpoint(
    of entries: [Entry], _ size: Int64, by signer: NoteSigner, _ store: String
  ) throws -> SignedCheckpoint {
    var (forest, chain) = (Forest(), ChainHash.origin)
    for entry in entries.prefix(Int(size)) {
      entry.canonical.withUnsafeBytes {
        forest.append(leaf: .leaf($0))
        chain = chain.next($0)
      }
    }
    var checkpoint = try SignedCheckpoint(
      Checkpoint(
        origin: signer.verifier.name, size: size, root: forest.root, chain: chain.withUnsafeBytes { Array($0) },
        time: Timestamp(milliseconds: 1_795_266_300_000), store: try name(of: store)), by: signer)
    checkpoint.line = 1
    return try checkpoint.asRead
  }

  static func name(of store: String) throws -> String { try Store.openForReading(store).head().store }

  static func rename(_ store: String, to name: String) throws {
    try DatabaseQueue(path: store).write { try $0.execute(sql: "UPDATE store SET id = ?", arguments: [name]) }
  }

  /// What can be done to a list without changing what is in it.
  enum Shuffle: CaseIterable {
    case drop, swap, double, insert

    func applied(to lines: [[UInt8]], at place: Int) -> [[UInt8]] {
      var lines = lines
      switch self {
      case .drop: lines.remove(at: place)
      case .swap: lines.swapAt(place, place + 1)
      case .double: lines.insert(lines[place], at: place)
      case .insert: lines.insert(lines[lines.count - 1], at: place)
      }
      return lines
    }
  }

  /// The last line of a segment with these entries, rightly made.
  static func trailer(of lines: [[UInt8]], like last: [UInt8]) throws -> [UInt8] {
    let old = try JSONDecoder().decode(SegmentFile.Trailer.self, from: Data(last)).segment
    var (forest, chain) = (Forest(from: old.first - 1), ChainHash(hex: old.before) ?? .origin)
    for line in lines {
      line.withUnsafeBytes {
        forest.append(leaf: .leaf($0))
        chain = chain.next($0)
      }
    }
    let root = forest.start == 0 ? forest.root.bytes.map { String(format: "%02x", $0) }.joined() : old.root
    let segment = SealedSegment(
      first: old.first, last: old.first - 1 + Int64(lines.count), before: old.before, after: chain.hex, root: root,
      file: "")
    return try SegmentFile.line(of: .init(segment, store: old.store, checkpoint: nil)).dropLast()
  }

  /// Changes entries behind an archive, and makes chain and head fit.
  static func rechain(_ db: Database, after start: Int64, _ change: (Int64, [UInt8]) -> [UInt8]) throws {
    try db.behindItsTriggers {
      var chain = try db.archivedPart().hash ?? .origin
      let rows = try Row.fetchAll(
        db, sql: "SELECT seq, CAST(entry AS BLOB) AS entry FROM journal WHERE seq > ? ORDER BY seq", arguments: [start])
      for row in rows {
        let (sequence, entry): (Int64, Data) = (row["seq"], row["entry"])
        let bytes = change(sequence, Array(entry))
        chain = bytes.withUnsafeBytes { chain.next($0) }
        try db.execute(
          sql: "UPDATE journal SET entry = CAST(? AS TEXT), hash = ? WHERE seq = ?",
          arguments: [Data(bytes), chain.withUnsafeBytes { Data($0) }, sequence])
      }
      try db.execute(sql: "UPDATE head SET hash = ?", arguments: [chain.withUnsafeBytes { Data($0) }])
    }
  }

  /// Changes entries, and makes all that depends on them fit: hashes, head, and the tables that proofs are made from.
  static func rewrite(_ path: String, _ change: (Int64, [UInt8]) -> [UInt8]) throws {
    try DatabaseQueue(path: path).write { db in try db.behindItsTriggers { try rewrite(db, change) } }
  }

  private static func rewrite(_ db: Database, _ change: (Int64, [UInt8]) -> [UInt8]) throws {
    try db.execute(sql: "DELETE FROM subtrees")
    var chain = ChainHash.origin
    let rows = try Row.fetchAll(db, sql: "SELECT seq, CAST(entry AS BLOB) AS entry FROM journal ORDER BY seq")
    for row in rows {
      let (sequence, entry): (Int64, Data) = (row["seq"], row["entry"])
      let bytes = change(sequence, Array(entry))
      chain = bytes.withUnsafeBytes { chain.next($0) }
      if case .audit(.checkpointed(_, let note))? = try? Entry(canonical: bytes).fact {
        try db.execute(sql: "UPDATE checkpoints SET note = ? WHERE seq = ?", arguments: [note, sequence])
      }
      try db.execute(
        sql: "UPDATE journal SET entry = CAST(? AS TEXT), hash = ? WHERE seq = ?",
        arguments: [Data(bytes), chain.withUnsafeBytes { Data($0) }, sequence])
    }
    try db.execute(sql: "UPDATE head SET hash = ?", arguments: [chain.withUnsafeBytes { Data($0) }])
  }

  /// Numbers and links as they must be.
  static func renumbered(_ entries: [Entry]) -> [Entry] {
    var last: [RunID: Int64] = [:]
    return entries.enumerated().map { index, entry in
      var entry = entry
      entry.sequence = Int64(index) + 1
      if let run = entry.run {
        entry.previous = last[run] ?? 0
        last[run] = entry.sequence
      }
      return entry
    }
  }

  /// A new store with these entries and the name of another one, its read models as they must be.
  static func write(_ entries: [Entry], to path: String, like other: String) throws {
    let store = try Store.openForDriving(path)
    var records: [RunID: RunRecord] = [:]
    for entry in entries {
      guard let run = entry.run else { continue }
      if case .started(let start) = entry.fact {
        records[run] = RunRecord(
          id: run, pipeline: start.pipeline, target: start.target, version: start.version, stable: start.stable,
          startedBy: entry.actor, startedAt: entry.time, status: .running, stage: nil, weight: .none, endedAt: nil,
          first: entry.sequence, last: entry.sequence)
      }
      records[run]?.last = entry.sequence
      for case .ended(let outcome) in entry.decisions {
        records[run]?.status = RunRecord.Status(rawValue: outcome.rawValue) ?? .failed
        records[run]?.endedAt = entry.time
      }
    }
    var targets: [Target: TargetRecord] = [:]
    for case .recorded(let target) in entries.flatMap(\.decisions) { targets[target.target] = target }
    try store.append(
      Batch(
        entries: entries, begun: records.values.sorted { $0.id < $1.id },
        targets: targets.values.sorted { $0.target.service < $1.target.service }))
    store.close()
    try rename(path, to: name(of: other))
  }
}

extension SignedCheckpoint {
  /// As it comes out of a file that holds nothing else.
  fileprivate var asRead: SignedCheckpoint {
    get throws { try CheckpointFile.read(CheckpointFile.text(of: note))[0] }
  }
}

extension Database {
  /// Changes the journal, and leaves its triggers as if nothing had been.
  func behindItsTriggers(_ change: () throws -> Void) throws {
    let triggers = try Row.fetchAll(
      self, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'")
    for trigger in triggers { try execute(sql: "DROP TRIGGER \(trigger["name"] as String)") }
    try change()
    for trigger in triggers { try execute(sql: trigger["sql"]) }
  }
}
