import ArgumentParser
import Controller
import Engine
import PipelineModel
import SQLiteStore

/// Whether backends are simulated, and how fast their time goes.
struct RehearsalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Rehearses: every backend is simulated as this scenario says.",
      discussion:
        "The controller, the store and the audit log are the real ones; unless given, the store is rehearsal.db."),
    completion: .file())
  var scenario: String?

  @Option(help: "How much faster than real time a rehearsal goes.")
  var speed: Double = 1

  func validate() throws {
    guard (0.001...1_000_000).contains(speed) else {
      throw ValidationError("--speed must be between 0.001 and 1000000")
    }
    if speed != 1, scenario == nil {
      throw ValidationError("--speed is for rehearsals: real users and backends live in real time; add --scenario")
    }
  }

  var isRehearsal: Bool { scenario != nil }
  var purpose: Store.Purpose { isRehearsal ? .rehearsal : .real }

  /// Options with which a rehearsal is gone on with, with a space in front.
  var hint: String {
    guard let scenario else { return "" }
    return " --scenario \(scenario)"
      + (speed == 1 ? "" : " --speed \(Int64(exactly: speed).map(String.init) ?? "\(speed)")")
  }

  /// Simulated backends, or those of the installation; made when the clock is known.
  func backends(
    for pipeline: Pipeline, _ installation: (Installation, baseDirectory: String)?, _ access: StoreAccess
  ) throws -> @Sendable (Clock) throws -> Backends {
    guard let path = scenario else { return Self.backends(of: installation, access) }
    let workshop = Workshop.current
    let (scenario, _) = try Loader().scenario(path, pipeline: pipeline)
    let plan = Plan(pipeline)
    let state = access.stateDirectory
    return { clock in
      workshop.simulated(scenario, plan, .init(baseDirectory: ".", stateDirectory: state, now: { clock.elsewhere }))
    }
  }

  /// Who may do what: those whom the installation names. In a rehearsal everybody plays every part.
  func rules(for pipeline: Pipeline, _ installation: Installation?) -> HouseRules {
    guard isRehearsal else { return HouseRules(installation) }
    let parts = pipeline.stages.flatMap { stage in
      if case .approve(let approval) = stage.work { approval.from } else { [] as [String] }
    }
    return HouseRules(installation).rehearsed(parts)
  }

  /// - Parameter tellsBroken: of backends that cannot be used, which has been said where headgate.yaml was read with care.
  static func backends(
    of installation: (Installation, baseDirectory: String)?, _ access: StoreAccess, tellsBroken: Bool = false
  ) -> @Sendable (Clock) throws -> Backends {
    let workshop = Workshop.current
    let state = access.stateDirectory
    let (model, base) = installation ?? (Installation(store: access.path), ".")
    return { clock in
      let surroundings = Workshop.Surroundings(
        baseDirectory: base, stateDirectory: state, now: { clock.elsewhere })
      let backends = workshop.backends(model, surroundings)
      if tellsBroken {
        for (name, reason) in backends.broken.values.flatMap(\.self).sorted(by: { $0.key < $1.key }) {
          Console.error("headgate: \(name) is left out: \(reason)")
        }
      }
      return backends
    }
  }

  /// Keeps rehearsals and real runs in stores of their own: whoever drives a store goes on with all that is unfinished in
  /// it, and pretended traffic must not be taken for real, or the reverse.
  func check(_ access: StoreAccess) throws {
    guard let purpose = access.purpose, purpose != self.purpose else { return }
    throw Stop(
      code: .wrongUsage,
      description: isRehearsal
        ? "\(access.path) has real runs in it; a rehearsal needs a store of its own: --store \(Rehearsal.store)"
        : "\(access.path) has rehearsals in it, whose traffic is not real; go on with --scenario, or use another --store"
    )
  }
}

/// Runs on simulated backends, driven by the real controller.
enum Rehearsal {
  static let store = "rehearsal.db"
}
