import Engine
import Foundation
import PipelineModel
import Testing

// Random walks: pipelines, facts and times from a seed. After every fact the invariants are asked; in the end the run
// is left to the world, and must end; then the same facts are folded again, and must give the same.

struct WalkTests {
  /// 400 seeds from 1 on, or from `WALK_SEED` on.
  static let seeds: ClosedRange<UInt64> = {
    let first = ProcessInfo.processInfo.environment["WALK_SEED"].flatMap(UInt64.init) ?? 1
    return first...first + 399
  }()

  @Test(arguments: seeds)
  func `whatever happens, the invariants hold, the run ends, and a replay is the same`(seed: UInt64) throws {
    var chance = SplitMix(seed: seed)
    var walk = Walk(Rig(random: &chance, seed: seed), seed: seed)
    for _ in 0..<Int.random(in: 0...300, using: &chance) where !walk.rig.run.hasEnded {
      try walk.step(&chance)
    }
    try walk.finish(&chance)
    let again = try walk.rig.folded()
    #expect(again.run == walk.rig.run, "seed \(seed)")
    #expect(again.decisions == walk.rig.decisions, "seed \(seed)")
    #expect(again.effects == walk.rig.effects, "seed \(seed)")
  }
}

/// A rig with somebody who watches it.
private struct Walk {
  var rig: Rig
  private let seed: UInt64
  private var witness: GateWitness

  init(_ rig: Rig, seed: UInt64) {
    self.rig = rig
    self.seed = seed
    witness = GateWitness(rig.run.plan)
    witness.see(rig.reaction.decisions)
  }

  mutating func apply(_ fact: Fact, by principal: Principal = .controller) throws {
    let before = rig.run
    try rig.apply(fact, by: principal)
    witness.see(rig.reaction.decisions)
    check(after: before)
  }

  private func check(after before: Run) {
    let run = rig.run
    let comment: Comment = "seed \(seed), fact \(rig.facts.count)"
    switch run.phase {
    case .waiting: break
    case .working:
      // It can never be stuck: there is always a time, even when nothing is pending.
      #expect(run.alarm(after: rig.now).map { $0 > rig.now } == true, comment)
    case .rollingBack: #expect(!run.pending.isEmpty, comment)
    case .ended(let outcome):
      #expect(run.pending.isEmpty, comment)
      if outcome == .promoted { #expect(witness.isSatisfied, comment) }
      if outcome != .promoted {
        for route in run.routes where route.wanted != nil { #expect(route.wanted == Weight.none, comment) }
        for route in run.routes where route.moved && route.wanted != nil { #expect(route.confirmed, comment) }
      }
      // However it ends, nothing is copied and no header picks a version.
      for route in run.routes {
        #expect(route.mirror ?? Weight.none == .none && route.header == nil, comment)
        for extra in route.extras { #expect(route.isConfirmed(extra), comment) }
      }
    }
    #expect(witness.faults.isEmpty, "\(comment) \(witness.faults)")
    checkEffects(after: before, comment)
  }

  private func checkEffects(after before: Run, _ comment: Comment) {
    let run = rig.run
    for effect in rig.reaction.effects {
      switch effect.work {
      case .cancelCheck, .cancelStep: continue
      case .measure, .setWeight, .setMirror, .setHeaderRoute, .deploy, .retire, .check, .switchOff, .step: break
      }
      // A look may be asked and given up in one breath, where its hold is too short for it.
      #expect(run.awaits(effect.id) || effect.isLook, comment)
      if case .setWeight(let route, let weight) = effect.work {
        #expect(weight == .none || run.plan.weights(of: route).contains(weight), comment)
      }
    }
    for route in run.routes.indices {
      #expect(run.pending.count { if case .setWeight(route, _) = $0.work { true } else { false } } <= 1, comment)
    }
    guard before.paused, run.paused, case .acted? = rig.facts.last?.fact else {
      if before.paused, run.paused { #expect(!beginsAnything(since: before), comment) }
      return
    }
  }

  /// Whether the last fact began a change: not a look, not another try, not a weight told again.
  private func beginsAnything(since before: Run) -> Bool {
    let isRepeat = rig.reaction.decisions.contains {
      switch $0 {
      case .retrying, .reasserted, .restored, .switchesOff: true
      default: false
      }
    }
    return !isRepeat && rig.reaction.effects.contains { !$0.isLook }
  }

  // MARK: Facts

  mutating func step(_ chance: inout SplitMix) throws {
    switch Int.random(in: 0..<100, using: &chance) {
    case 0..<72: try answer(&chance, failing: 12)
    case 72..<78:
      rig.now = rig.now + .milliseconds(.random(in: 0...200_000, using: &chance))
      try apply(.timePassed)
    case 78..<90: try act(&chance)
    case 90..<96:
      guard let route = rig.run.routes.indices.randomElement(using: &chance) else { return }
      try interfere(route, &chance)
    case 96..<97:
      guard let route = rig.run.routes.indices.randomElement(using: &chance) else { return }
      try apply(.displaced(route: route, Bool.random(using: &chance) ? .mirror : .headerRoute))
    case 97..<99:
      guard let old = rig.effects.randomElement(using: &chance), !rig.run.awaits(old.id) else { return }
      try apply(old.success)
    default: try apply(.superseded(by: RunID(2)))
    }
  }

  /// A router forgets, or somebody changes a flag, or another run changes what is measured.
  private mutating func interfere(_ route: Int, _ chance: inout SplitMix) throws {
    let found = Weight.percent(.random(in: 0...3, using: &chance))
    switch Int.random(in: 0..<10, using: &chance) {
    case 0: try apply(.rebaselined(by: RunID(3)))
    case 1 where rig.run.plan.routes[route].isFlag:
      try apply(.overruled(route: route, found: Bool.random(using: &chance) ? found : nil, because: "ann"))
    default: try apply(.drifted(route: route, found: found))
    }
  }

  private mutating func act(_ chance: inout SplitMix) throws {
    let acts: [Act] = [
      .approve(roles: ["manager"]), .approve(roles: ["manager"]), .approve(roles: ["manager"]), .pause, .pause,
      .resume, .resume, .resume, .promote(.step), .promote(.step), .promote(.all), .reject, .abort, .rollback,
    ]
    guard let act = acts.randomElement(using: &chance) else { return }
    let who = Principal.person(["bob", "cid", "dan"].randomElement(using: &chance) ?? "bob")
    if case .waiting = rig.run.phase, act != .abort {
      try apply(.begun(stable: "v1", slots: rig.run.plan.routes.map { _ in .blue }))
    } else if rig.run.refusal(of: act, by: who) == nil {
      try apply(.acted(act), by: who)
    }
  }

  /// The next thing that is due: an effect is answered, or a time has come.
  private mutating func answer(_ chance: inout SplitMix, failing: Int) throws {
    let effect = rig.run.pending.min { $0.notBefore < $1.notBefore }
    let alarm = rig.run.alarm(after: rig.now)
    guard let effect, effect.notBefore <= alarm ?? .distantFuture else {
      guard let alarm else { return }
      rig.now = alarm
      return try apply(.timePassed)
    }
    rig.now = max(rig.now, effect.notBefore) + .milliseconds(.random(in: 0...20_000, using: &chance))
    let fails = Int.random(in: 0..<100, using: &chance) < failing
    switch effect.work {
    case .measure: try apply(.measured(effect.id, Reading(random: &chance, failing: fails)))
    case .check where fails: try apply(.checked(effect.id, status: 1, output: ""))
    case .step where fails:
      try apply(.performed(effect.id, Bool.random(using: &chance) ? .failed : .inconclusive, output: ""))
    case .setWeight, .setMirror, .setHeaderRoute, .deploy, .retire, .switchOff:
      let kind: Failure.Kind = Bool.random(using: &chance) ? .transient : .rejected
      try apply(fails ? .failed(effect.id, Failure(kind, "no")) : effect.success)
    case .check, .cancelCheck, .step, .cancelStep: try apply(effect.success)
    }
  }

  /// Nobody interferes any more: time goes on and effects are answered, and the run ends.
  mutating func finish(_ chance: inout SplitMix) throws {
    if case .waiting = rig.run.phase {
      try apply(.begun(stable: "v1", slots: rig.run.plan.routes.map { _ in .blue }))
    }
    var left = 20_000
    while !rig.run.hasEnded, left > 0 {
      left -= 1
      try answer(&chance, failing: 5)
    }
    #expect(rig.run.hasEnded, "seed \(seed)")
  }
}

/// Follows the decisions of a run, and knows which gates have passed or were overruled by a person.
private struct GateWitness {
  private let plan: Plan
  private var stage = 0
  private var move = 0
  private var settled: Set<GateSite> = []
  /// Gates that were left without either.
  private(set) var faults: [String] = []
  private var passed = 0

  init(_ plan: Plan) { self.plan = plan }

  var isSatisfied: Bool { faults.isEmpty && passed == plan.moves.count }

  mutating func see(_ decisions: [Decision]) {
    for decision in decisions {
      switch decision {
      case .moved(let stage, let move):
        if move > 0 { leave(.move) }
        (self.stage, self.move) = (stage, move)
        settled.remove(.move)
      case .passed(let stage):
        leave(.move)
        leave(.background)
        settled = []
        passed = stage + 1
      case .concluded(let site, .pass, _), .overrode(let site, _): settled.insert(site)
      case .concluded(let site, _, _): settled.remove(site)
      default: break
      }
    }
  }

  private mutating func leave(_ site: GateSite) {
    let gate = site == .move ? plan.moves[stage][move].gate : plan.pipeline.stages[stage].background
    if gate != nil, !settled.contains(site) { faults.append("\(stage).\(move) \(site)") }
  }
}

extension Plan {
  /// Every weight the plan gives a route.
  func weights(of route: Int) -> Set<Weight> {
    Set(moves.joined().compactMap { if case .shift(route, let weight) = $0 { weight } else { nil } })
  }
}
