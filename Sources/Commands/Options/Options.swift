import ArgumentParser
import Foundation
import PipelineModel

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

struct FormatOption: ParsableArguments {
  @Option(help: "text for people, json for programs.")
  var format: OutputFormat = .text

  var isJSON: Bool { format == .json }
}

/// Where the store is: `--store`, else what `headgate.yaml` says, else `headgate.db` here.
struct StoreOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The store's file.", discussion: "Unless given, what headgate.yaml says, or headgate.db."))
  var store: String?

  @Option(
    help: ArgumentHelp("The installation's file.", discussion: "Unless given, $HEADGATE_CONFIG, or headgate.yaml here.")
  )
  var config: String?
}

/// Who acts, and why.
struct IdentityOptions: ParsableArguments {
  @Option(help: "Why; kept in the audit log.")
  var reason: String?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "In whose name; your account, unless given.",
      discussion: "Only accounts under `actingFor:` of headgate.yaml may name others; the log keeps who said it."))
  var name: String?

  func validate() throws {
    if reason != nil, !hasReason { throw ValidationError("--reason is empty: say why, or leave it out") }
    if let name, !name.contains(where: { !$0.isWhitespace }) {
      throw ValidationError("--as is empty: name somebody, or leave it out")
    }
  }

  var hasReason: Bool { reason?.contains { !$0.isWhitespace } ?? false }

  /// The account that this process runs as, or somebody whom it names.
  var principal: Principal { name.map { .person($0, saidBy: Self.user) } ?? .person(Self.user) }

  /// Account, host and process: kept beside the name.
  var origin: String { "cli \(Self.user)@\(ProcessInfo.processInfo.hostName) pid \(getpid())" }

  private static var user: String {
    guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "uid \(geteuid())" }
    return String(cString: name)
  }
}

struct RunArgument: ParsableArguments {
  @Argument(help: "The run's number.")
  var number: Int64

  func validate() throws {
    if number < 1 { throw ValidationError("runs are numbered from 1; see `headgate history`") }
  }
}
