import ArgumentParser
import ControlAPI
import Engine
import Foundation
import PipelineModel
import SQLiteStore

/// Which environment, in which store.
struct FlagPlaceOptions: ParsableArguments {
  @Option(
    name: [.customShort("e"), .long],
    help: ArgumentHelp(
      "The flag's environment.",
      discussion: "Unless given, $HEADGATE_ENVIRONMENT, or the only one that headgate.yaml has."),
    completion: .custom { _, _, _ in FlagCompletion.environments() })
  var environment: String?

  @OptionGroup var store: StoreOptions
}

/// One flag.
struct FlagSubject: ParsableArguments {
  @Argument(help: "The flag's key.", completion: .custom { _, _, _ in FlagCompletion.keys() })
  var key: String

  @OptionGroup var place: FlagPlaceOptions
}

/// How a change is to be made.
struct FlagChangeOptions: ParsableArguments {
  @Option(help: "Only when the flag is at this revision; 0: only when there is none.")
  var ifRevision: Int64?

  @Option(help: "Not before this instant: 2026-12-01T08:00:00Z. Approvals are given before.")
  var at: Instant?

  @ArgumentParser.Flag(help: "Only propose it, also where nobody has to approve.")
  var propose = false

  @ArgumentParser.Flag(help: "Do it past approvals. Needs a reason, and is listed for review.")
  var breakGlass = false

  @OptionGroup var movers: MoversOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
}

/// Who is reckoned with, and whether to ask.
struct MoversOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "People to reckon with: a file with a JSON list of contexts, or one a line.",
      discussion: "Unless given, 10000 made up for what the rules look at."), completion: .file())
  var contexts: String?

  @ArgumentParser.Flag(name: [.customShort("y"), .long], help: "Do not ask; say who moves and go ahead.")
  var yes = false
}

/// What shells offer. Nothing where nothing can be found out.
enum FlagCompletion {
  static func keys() -> [String] {
    guard let store = try? StoreAccess(StoreOptions.parse([])).reading(), let flags = try? store.flags() else {
      return []
    }
    return Set(flags.map(\.revision.name.key)).sorted()
  }

  static func environments() -> [String] {
    let policy = (try? Loader(warns: false).installation(StoreOptions.parse([]), .readable))??.0.flags
    if let policy, !policy.environments.isEmpty { return policy.environments.map(\.name) }
    guard let store = try? StoreAccess(StoreOptions.parse([])).reading(), let flags = try? store.flags() else {
      return []
    }
    return Set(flags.map(\.revision.name.environment)).sorted()
  }
}
