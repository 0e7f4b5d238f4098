package import Controller
import Engine
import HeapModule
import Logging
package import PipelineModel
import Simulation

/// A conductor with a journal in memory and a simulated world, stepped through virtual time.
///
/// Everything in it can be repeated. A crash leaves the store and the world as they are; answers on their way are lost.
package final class Rig {
  private struct Coming: Comparable {
    enum What {
      case answer(Inbound, generation: Int)
      case event((Rig) -> Void)
    }
    var at: Timestamp
    var order: Int
    var what: What
    static func < (a: Coming, b: Coming) -> Bool { (a.at, a.order) < (b.at, b.order) }
    static func == (a: Coming, b: Coming) -> Bool { a.order == b.order }
  }

  package let store: MemoryStore
  package let sink: WorldSink
  package let compiler: FixedCompiler
  /// What a controller opens; the journal in memory unless a test says otherwise.
  package var journal: (MemoryStore) throws -> any Journal = { try MemoryJournal($0) }
  /// What people hold in the installation.
  package var roles: @Sendable (Principal) -> [String] = { _ in [] }
  /// Who may do what to flags.
  package var flags = FlagPolicy()
  /// Which roles may claim a kind of change.
  package var claims: [ChangeKind: [String]] = [:]
  /// Who may act in another's name.
  package var people = PeoplePolicy()
  package private(set) var conductor: Conductor?
  package private(set) var now = Simulator.epoch
  /// How long a killed controller stays away.
  package var downtime = Interval.zero
  /// Whether the next controllers leave what waits as they find it.
  package var leavesQueued = false
  package private(set) var crashes = 0
  /// More than one run of a target in flight at one time, and other things that must never be.
  package private(set) var violations: [String] = []

  private var queue = Heap<Coming>()
  private var lastOrder = 0
  private var generation = 0
  private var plans: [RunID: Plan] = [:]

  package init(_ compiler: FixedCompiler, store: MemoryStore = MemoryStore(), world: WorldModel, seed: UInt64 = 1) {
    self.compiler = compiler
    self.store = store
    sink = WorldSink { World(world, plan: $0, seed: seed) }
    sink.now = now
    store.written = { [unowned self] batch in look(at: batch.entries) }
    sink.answered = { [unowned self] inbound, at in
      push(at, .answer(inbound, generation: generation))
    }
  }

  // MARK: What happens

  package func at(_ instant: Interval, _ event: @escaping (Rig) -> Void) {
    push(Simulator.epoch + instant, .event(event))
  }

  private func push(_ at: Timestamp, _ what: Coming.What) {
    lastOrder += 1
    queue.insert(Coming(at: at, order: lastOrder, what: what))
  }

  /// A new controller on the same store.
  package func open() throws {
    do {
      let conductor = try Conductor(
        journal: try journal(store), compiler: compiler, sink: sink, log: Logger(label: "rig"),
        roles: roles, claims: claims, flags: flags, people: people)
      try conductor.resume(now: now, leavingQueued: leavesQueued)
      self.conductor = conductor
    } catch let failure as JournalFailure where store.hasCrashed || failure.kind == .unavailable {
      crash()
    }
  }

  /// A controller that takes up no runs: one that was started for a single request.
  package func openWithoutRuns() throws {
    conductor = try Conductor(
      journal: try journal(store), compiler: compiler, sink: sink, log: Logger(label: "rig"), roles: roles, flags: flags
    )
  }

  /// The controller is gone, with all it had in memory and every answer on its way.
  package func crash() {
    conductor = nil
    generation += 1
    crashes += 1
    sink.performsLeft = nil
    push(now + downtime, .event { rig in try? rig.open() })
  }

  /// On to the next instant at which anything is to happen.
  ///
  /// - Returns: `false` when nothing is to come any more.
  package func step() throws -> Bool {
    var inbound: [Inbound] = []
    guard let next = [queue.min?.at, conductor?.nextTimer, retry].compactMap({ $0 }).min() else {
      return try turn([])
    }
    now = max(now, next)
    sink.now = now
    while let coming = queue.min, coming.at <= now {
      queue.removeMin()
      switch coming.what {
      case .event(let event): event(self)
      case .answer(let answer, let generation): if generation == self.generation { inbound.append(answer) }
      }
    }
    _ = try turn(inbound)
    return true
  }

  /// When what could not be written is tried again.
  private var retry: Timestamp? { conductor?.isBlocked == true ? now + .seconds(1) : nil }

  /// Steps until nothing is to come. A loop that does not end is a violation.
  package func finish(within steps: Int = 20_000) throws {
    for _ in 0..<steps where try !step() { return }
    violations.append("there is no end to it")
  }

  /// Takes a turn with what has come in, and with the requests that wait.
  @discardableResult
  package func turn(_ inbound: [Inbound], at wall: Timestamp? = nil) throws -> Bool {
    guard let conductor else { return !queue.isEmpty }
    let requests = conductor.isBlocked ? [] : store.openRequests
    do {
      try conductor.turn(requests.map(Inbound.request) + inbound, now: wall ?? now)
    } catch {
      guard store.hasCrashed else { throw error }
      crash()
    }
    if sink.isDead { crash() }
    return !requests.isEmpty
  }

  // MARK: What must be

  private func look(at entries: [Entry]) {
    for entry in entries {
      if case .started(let start) = entry.fact, let run = entry.run { plans[run] = compiler.plan(start.pipeline) }
    }
    sink.check(entries) { plans[$0] }
    let inFlight = store.runs.values.filter { $0.endedAt == nil && $0.status != .queued }
    if Set(inFlight.map(\.target)).count < inFlight.count { violations.append("two runs of a target are in flight") }
  }
}
