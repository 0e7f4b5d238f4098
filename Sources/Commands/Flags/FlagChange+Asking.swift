import ArgumentParser
import ControlAPI
import Controller
import Engine
import Flags
import Foundation
import Narrative
import PipelineModel
import PipelineSyntax
import SQLiteStore

extension FlagDesk {
  /// Says who moves, asks whether to go on, asks for the act, and says what came of it.
  func change(
    _ act: FlagAct, by identity: IdentityOptions, _ movers: MoversOptions, _ output: FormatOption
  ) throws {
    let reports = try self.movers(of: act, by: identity, movers)
    if !output.isJSON { for line in reports.flatMap(\.lines) { Console.print(line) } }
    if !movers.yes { try confirm(act, output) }
    try report(try ask(act, by: identity), reports, output)
  }

  /// What a change would do to whom; empty when it would be refused, which asking will tell.
  private func movers(
    of act: FlagAct, by identity: IdentityOptions, _ options: MoversOptions
  ) throws -> [MoversReport] {
    let people = try options.contexts.map { try Contexts(file: $0).people }
    guard let (ledger, facts) = preview(act, by: identity) else { return [] }
    return facts.compactMap { fact in
      guard let revision = fact.wanted else { return nil }
      return MoversReport(
        revision.name, Reckoning(from: ledger.head(revision.name), to: revision, over: people, at: .wall))
    }.uniqued
  }

  /// - Throws: `Stop` when nobody is there to be asked, or when the answer is not yes.
  ///
  /// - Parameter option: with what it is said beforehand.
  func confirm(_ act: FlagAct, _ output: FormatOption, option: String = "--yes") throws {
    guard isatty(STDIN_FILENO) == 1, !output.isJSON else {
      throw Stop(
        code: .wrongUsage,
        description: "nobody is there to ask whether to \(act.phrase); add \(option) when it is meant")
    }
    guard case .line(let line) = Question(text: "\(act.phrase.capitalizedFirst)? [y/N]").ask(meanwhile: { .quiet }),
      ["y", "yes"].contains(line.lowercased())
    else { throw Stop.negative("left as it is") }
  }

  /// Says what an act led to.
  func report(_ entries: [Entry], _ movers: [MoversReport], _ output: FormatOption) throws {
    let facts = entries.compactMap { if case .flag(let fact) = $0.fact { fact } else { nil } }
    if output.isJSON {
      return try Console.json(
        FlagAnswer(
          revisions: entries.compactMap { RecordedRevision($0) }.map { FlagSummary($0) },
          proposals: facts.compactMap(\.proposal).map { ProposalSummary($0) }, movers: movers))
    }
    if entries.isEmpty { return Console.print("nothing to change: it is so already") }
    for entry in entries {
      if let sentence = FlagTeller.sentence(of: entry) { Console.print(sentence.text) }
    }
    for hint in facts.compactMap({ hint(for: $0) }) { Console.print(Console.styled(hint, .dim)) }
  }

  /// How to go on.
  private func hint(for fact: FlagFact) -> String? {
    guard let proposal = fact.proposal else { return nil }
    switch proposal.state {
    case .open where proposal.approvals.count < proposal.approvalsNeeded:
      return "somebody else approves it with: headgate flag approve \(proposal.id)\(access.hint)"
    case .scheduled:
      return "it happens while a controller drives this store, or as soon as one does after that"
    case .held(let freeze):
      return "it happens when the freeze is over; end it with: headgate freeze end \(freeze)\(access.hint)"
    case .brokeGlass: return "somebody else reviews it with: headgate flag approve \(proposal.id)\(access.hint)"
    case .open, .applied, .reviewed, .rejected, .expired, .void: return nil
    }
  }
}

/// People to reckon with.
struct Contexts {
  let people: [JSONObject]

  /// A JSON list of contexts, or a context a line.
  init(file path: String) throws {
    let text = try FlagText(file: path)
    let first = text.bytes.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
    if first == UInt8(ascii: "[") {
      let items = try text.value().list ?? []
      people = try items.enumerated().map { index, item in
        guard let object = item.object else { throw text.refusal("item \(index + 1) of the list is no object") }
        return object
      }
    } else {
      people = try Self.lines(text)
    }
    if people.isEmpty { throw text.refusal("there is nobody in it") }
  }

  private static func lines(_ text: FlagText) throws -> [JSONObject] {
    try text.bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
      if line.allSatisfy({ [0x20, 0x09, 0x0d].contains($0) }) { return nil }
      do throws(JSONRefusal) {
        let value = try JSONParser.value(in: Array(line), limits: .context)
        if let object = value.object { return object }
      } catch {
        throw text.refusal(error.message, at: .init(line: index + 1, column: error.place.column))
      }
      throw text.refusal("a context is an object", at: .init(line: index + 1, column: 1))
    }
  }
}

extension FlagFact {
  var proposal: FlagProposal? { if case .proposal(let proposal) = self { proposal } else { nil } }

  /// The revision that it makes, or would.
  fileprivate var wanted: FlagRevision? {
    switch self {
    case .revised(let revision): revision
    case .proposal(let proposal): proposal.waits ? proposal.revision : nil
    case .refused, .stepRefused: nil
    }
  }
}

extension [MoversReport] {
  fileprivate var uniqued: [MoversReport] {
    reduce(into: []) { reports, report in if !reports.contains(report) { reports.append(report) } }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
