import ArgumentParser
import ControlAPI
import Engine
import Flags
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

struct FlagEval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "What a flag is, or was, for somebody, and why.",
    discussion: """
      The journal has every revision, and the same context always gives the same: so
      what somebody got at any instant can be told later. Of an instant to come it is said what is known now, and which
      changes wait for their time until then.

      EXAMPLES
        headgate flag eval new-checkout -e production --key user-7
        headgate flag eval new-checkout -e production --explain \\
          --context '{"targetingKey": "user-7", "country": "de"}'
        headgate flag eval new-checkout -e production --key user-7 \\
          --at 2026-11-21T13:05:00Z
      """)

  @OptionGroup var subject: FlagSubject
  @Option(help: "What is known of the user: JSON, or @FILE.") var context: String?
  @Option(name: .customLong("key"), help: "The user's targeting key; wins over the context's.")
  var targetingKey: String?
  @Option(help: "As it was at this day or instant.") var at: Instant?
  @ArgumentParser.Flag(help: "Say which turns the rule took.") var explain = false
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let store = try desk.access.reading(archive: archive.archive)
    let instant = try at?.timestamp ?? store.now()
    let recorded = try store.flag(name, at: at?.timestamp)
    let evaluation = try FlagEvaluation(name, recorded, try person(), at: instant, explained: explain)
    if output.isJSON { Console.print(try evaluation.document) } else { show(evaluation, recorded) }
    if instant > (try store.now()) { try warn(ofFuture: instant, name, store) }
    if evaluation.errorCode != nil { throw ExitCode.negative }
  }

  private func warn(ofFuture instant: Timestamp, _ name: FlagName, _ store: ReadingStore) throws {
    Console.error("\(instant.rfc3339) is yet to come: this is what is known now")
    for proposal in try store.proposals() where proposal.revision.name == name {
      guard case .scheduled = proposal.state, let due = proposal.due, due <= instant else { continue }
      Console.error(
        "proposal \(proposal.id) waits for its time: to be \(proposal.revision.change.phrase) at \(due.rfc3339)")
    }
  }

  private func person() throws -> JSONObject {
    var object = JSONObject()
    if let context {
      let text =
        try context.hasPrefix("@") ? FlagText(file: String(context.dropFirst())) : FlagText(context, from: "--context")
      guard let given = try text.value(.context).object else { throw text.refusal("a context is an object") }
      object = given
    }
    return targetingKey.map { object.overlaid(by: JSONObject([("targetingKey", .text($0))])) } ?? object
  }

  private func show(_ evaluation: FlagEvaluation, _ recorded: RecordedRevision?) {
    if let code = evaluation.errorCode {
      Console.print(Console.styled("\(code): \(evaluation.errorDetails ?? "")", .red))
    } else {
      let variant = evaluation.variant.map { " (variant `\($0)`)" } ?? ""
      Console.print(Console.styled("\(evaluation.value ?? "the client's own default")\(variant)", .bold))
    }
    Console.print("reason \(evaluation.reason)")
    if let recorded {
      Console.print(
        "revision \(recorded.revision.number), \(recorded.deed) at \(recorded.time.rfc3339), entry \(recorded.sequence)"
      )
    }
    for step in evaluation.path ?? [] { Console.print("  \(step)") }
  }
}
