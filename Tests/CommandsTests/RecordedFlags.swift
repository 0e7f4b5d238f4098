import Foundation

/// Flags and proposals as somebody sees them, or as a journal says they are: both in the same form, to be compared.
struct RecordedFlags: Equatable {
  struct Revision: Equatable {
    var entry: Int64
    var by: String
    var state: String
    var owner: String?
    var definition: String
  }

  struct Proposal: Equatable {
    var flag: String
    var by: String
    var state: String
    var approvals: Int
    var definition: String
  }

  /// By `environment/key#number`.
  var revisions: [String: Revision] = [:]
  var proposals: [Int64: Proposal] = [:]

  /// What stands in one of the two only, or differs; empty when they agree.
  func disagreements(with other: RecordedFlags) -> [String] {
    let revisions = Set(revisions.keys).union(other.revisions.keys).filter { self.revisions[$0] != other.revisions[$0] }
    let proposals = Set(proposals.keys).union(other.proposals.keys).filter { self.proposals[$0] != other.proposals[$0] }
    return revisions.sorted().map {
      "\($0): \(String(describing: self.revisions[$0])), \(String(describing: other.revisions[$0]))"
    }
      + proposals.sorted().map {
        "proposal \($0): \(String(describing: self.proposals[$0])), \(String(describing: other.proposals[$0]))"
      }
  }
}

extension RecordedFlags {
  /// Put together of the entries of a journal, and of nothing else: what has no entry is not in it.
  init(journal entries: [[String: Any]]) {
    for entry in entries {
      guard let fact = entry["fact"] as? [String: Any] else { continue }
      switch fact["kind"] as? String {
      case "flagRevised": take(fact["revision"] as? [String: Any] ?? [:], entry)
      case "flagProposal": take(proposal: fact["proposal"] as? [String: Any] ?? [:])
      default: break
      }
    }
  }

  private mutating func take(_ revision: [String: Any], _ entry: [String: Any]) {
    let definition = revision["definition"] as? String ?? ""
    let isOn = definition.contains(#""state":"ENABLED""#)
    let state =
      revision["archived"] as? Bool == true
      ? "archived" : revision["latched"] as? Bool == true ? "latched" : isOn ? "on" : "off"
    // Who asked, whoever's approval it waited for.
    let asked = (revision["asked"] as? [Any])?.dropFirst().first as? String
    revisions["\(Self.flag(revision))#\(Self.number(revision["number"]))"] = Revision(
      entry: Self.number(entry["seq"]), by: asked ?? entry["actor"] as? String ?? "", state: state,
      owner: (revision["contract"] as? [String: Any])?["owner"] as? String, definition: definition)
  }

  private mutating func take(proposal: [String: Any]) {
    let revision = proposal["revision"] as? [String: Any] ?? [:]
    let contract = revision["contract"] as? [String: Any]
    proposals[Self.number(proposal["id"])] = Proposal(
      flag: Self.flag(revision), by: proposal["by"] as? String ?? "",
      state: (proposal["state"] as? [Any])?.first as? String ?? "",
      approvals: (contract?["approvals"] as? [Any])?.count ?? 0, definition: revision["definition"] as? String ?? "")
  }

  private static func flag(_ revision: [String: Any]) -> String {
    (revision["flag"] as? [String] ?? []).joined(separator: "/")
  }

  private static func number(_ value: Any?) -> Int64 { (value as? NSNumber)?.int64Value ?? 0 }
}

extension RecordedFlags {
  private struct SeenRevision: Decodable {
    var environment, key: String
    var revision, entry: Int64
    var changedBy, state: String
    var owner: String?
    var definition: String
  }

  private struct SeenProposal: Decodable {
    var proposal: Int64
    var environment, key, requestedBy, state, definition: String
    var approvedBy: [String]
  }

  /// As it was given out over HTTP.
  ///
  /// - Parameters:
  ///   - histories: of each flag every revision.
  ///   - proposals: all there ever were.
  init(histories: [String], proposals: String) throws {
    for history in histories {
      for seen in try JSONDecoder().decode([SeenRevision].self, from: Data(history.utf8)) {
        revisions["\(seen.environment)/\(seen.key)#\(seen.revision)"] = Revision(
          entry: seen.entry, by: seen.changedBy, state: seen.state, owner: seen.owner, definition: seen.definition)
      }
    }
    for seen in try JSONDecoder().decode([SeenProposal].self, from: Data(proposals.utf8)) {
      self.proposals[seen.proposal] = Proposal(
        flag: "\(seen.environment)/\(seen.key)", by: seen.requestedBy, state: seen.state,
        approvals: seen.approvedBy.count, definition: seen.definition)
    }
  }
}
