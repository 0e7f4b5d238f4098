import ArgumentParser
import ControlAPI
import Engine
import Flags
import Narrative
import PipelineModel
import SQLiteStore

struct FlagShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One flag: its definition, what was agreed, what waits.",
    discussion: """
      EXAMPLES
        headgate flag show new-checkout -e production
        headgate flag show new-checkout -e production --at 2026-11-21T13:05:00Z
      """)

  @OptionGroup var subject: FlagSubject
  @Option(help: "As it was at this day or instant.") var at: Instant?
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let recorded = try desk.existing(try desk.name(subject), at: at?.timestamp)
    if output.isJSON { return try Console.json(FlagSummary(recorded)) }
    let revision = recorded.revision
    Console.print(Console.styled("\(revision.name), revision \(revision.number): \(revision.stateWord)", .bold))
    Console.print("\(recorded.deed) at \(recorded.time.rfc3339)\(recorded.because)")
    for line in Self.agreed(revision) { Console.print(line) }
    Console.print(JSONValue.object(try revision.definitionOrStop().members).indented())
    for proposal in try desk.access.reading().proposals() where proposal.revision.name == revision.name {
      Console.print(
        "proposal \(proposal.id), to be \(proposal.revision.change.phrase): "
          + proposal.state.phrase(of: proposal, by: proposal.requester))
    }
  }

  static func agreed(_ revision: FlagRevision) -> [String] {
    let contract = revision.contract
    return [
      contract.owner.map { "owner: \($0)" }, contract.purpose.map { "purpose: \($0)" },
      contract.expires.map { "expires: \($0.rfc3339)" }, contract.endState.map { "end state: \($0)" },
      contract.services.isEmpty ? nil : "services: \(contract.services.joined(separator: ", "))",
      contract.rollout.map { "ramped by run \($0)" }, "fractional: \(revision.generation.rawValue)",
      contract.approvals.isEmpty
        ? nil : "approved by: \(contract.approvals.map(\.by.phrase).joined(separator: ", "))",
    ].compactMap(\.self)
  }
}
