package import Controller
package import Engine
package import PipelineModel
import Simulation

extension Rig {
  /// How a run ended, as the journal has it.
  package func outcome(of run: Int64) throws -> Outcome? {
    var outcome: Outcome?
    for entry in try store.entries(of: RunID(run)) {
      for case .ended(let ended) in entry.decisions { outcome = ended }
      for case .rollbackBegan in entry.decisions { outcome = nil }
    }
    return outcome
  }

  /// The candidate's true share of a service's one route.
  package func weight(of service: String = "checkout") -> Weight? {
    sink.worlds[Target(service: service, environment: "production")]?.weights.first
  }
}

extension WorldSink {
  /// What was done to the world in the order it first was, measurements left out: what a receiver has seen that takes
  /// a key it knows for a repetition. A key that stands for two different things is told.
  package var countedOnce: [String] {
    var works: [String: Effect.Work] = [:]
    var done: [String] = []
    for performed in performed {
      if case .measure = performed.work { continue }
      if let known = works[performed.key] {
        if known != performed.work { done.append("key \(performed.key) is \(known) and \(performed.work)") }
      } else {
        works[performed.key] = performed.work
        done.append("\(performed.run): \(performed.work)")
      }
    }
    return done
  }
}

extension Rig {
  /// Steps to the end, and takes a turn again when the journal failed in a way that is worth it.
  package func finish(retrying kind: JournalFailure.Kind, within steps: Int = 20_000) throws {
    for _ in 0..<steps {
      do {
        if try !step() { return }
      } catch let failure as JournalFailure where failure.kind == kind {
        continue
      }
    }
    throw Unending()
  }

  /// Every fact of the journal, in its order.
  package var facts: [Fact] { get throws { try store.entries.map(\.fact) } }
}

/// A simulation that went on and on.
struct Unending: Error {}
