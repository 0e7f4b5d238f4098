import Engine
import PipelineModel

/// States that stand for all others: one for each thing a run can be in the middle of.
struct Moment {
  var name: String
  var rig: Rig

  static func all() throws -> [Moment] { try forward() + held() + flags() + blueGreen() + backward() + ended() }

  private init(_ name: String, _ rig: Rig, _ lead: (inout Rig) throws -> Void = { _ in }) throws {
    self.name = name
    self.rig = rig
    try lead(&self.rig)
  }

  private static let gate = Pipelines.gate()

  private static func forward() throws -> [Moment] {
    try [
      Moment("queued", Rig([Pipelines.canary()], queued: true)),
      Moment("checking, one retry left", Rig([Pipelines.check(retries: 1), Pipelines.canary()])),
      Moment("stepping, one retry left", Rig([Pipelines.step(retries: 1), Pipelines.canary()])),
      Moment("setting a header route", Rig([Pipelines.previewed()])),
      Moment("watching a preview", Rig([Pipelines.previewed()])) { rig in
        try rig.settle()
        try rig.settle()
      },
      Moment("ending a mirror", Rig([Pipelines.previewed()])) { try $0.play(until: { $0.isAt(3) }) },
      Moment("watching step 1 beside a header route", Rig([Pipelines.previewed()])) {
        try $0.play(until: { $0.isAt(5) })
      },
      Moment("approving, none of two given", Rig([Pipelines.approve(), Pipelines.canary()])),
      Moment("approving, one of two given", Rig([Pipelines.approve(), Pipelines.canary()])) {
        try $0.act(.approve(roles: ["manager"]), by: "bob")
      },
      Moment("deploying", Rig([Pipelines.canary(deploy: "kube")])),
      Moment("shifting to step 1", Rig([Pipelines.canary()])),
      Moment("watching step 1 under a gate", Rig([Pipelines.canary()])) { try $0.settle() },
      Moment("watching step 1 without a gate", Rig([Pipelines.canary(gate: nil)])) { try $0.settle() },
      Moment("watching the last step, background gate running", Rig([Pipelines.canary([100], background: gate)])) {
        try $0.settle()
      },
      Moment(
        "approving with the background gate of the stage before",
        Rig([
          Pipelines.canary([50], background: gate), Pipelines.approve(1), Pipelines.canary(),
        ])
      ) { try $0.play(until: { $0.isAt(0, stage: 1) }) },
      Moment("overdue, awaiting evidence", Rig([Pipelines.canary()])) { rig in
        try rig.settle()
        for _ in 0..<5 { try rig.look(.error) }
      },
      Moment("paused in a watch", Rig([Pipelines.canary()])) { rig in
        try rig.settle()
        try rig.act(.pause)
      },
      Moment("paused after its check", Rig([Pipelines.check(), Pipelines.canary()])) { rig in
        try rig.act(.pause)
        try rig.settle()
      },
      Moment("past every gate, shifting", Rig([Pipelines.canary()])) { try $0.act(.promote(.all)) },
      Moment("telling a router again", Rig([Pipelines.canary()])) { rig in
        try rig.settle()
        try rig.apply(.drifted(route: 0, found: .none))
      },
    ]
  }

  private static func held() throws -> [Moment] {
    try [
      Moment("held by a failed gate", Rig([Pipelines.canary(onFailure: .hold)])) { rig in
        try rig.settle()
        try rig.look(.bad)
      },
      Moment("held by a step that cannot say", Rig([Pipelines.step()])) { rig in
        try rig.apply(.performed(EffectID(1), .inconclusive, output: ""))
      },
      Moment("held by a mirror that failed", Rig([Pipelines.previewed(onFailure: .hold)])) { rig in
        try rig.settle()
        try rig.fail(.rejected)
      },
      Moment("held by an inconclusive gate", Rig([Pipelines.canary()])) { rig in
        try rig.settle()
        for _ in 0..<5 { try rig.look(.between) }
      },
      Moment("held by a shift that failed", Rig([Pipelines.canary(onFailure: .hold)])) { try $0.fail(.rejected) },
      Moment(
        "held by its background gate while shifting",
        Rig([Pipelines.canary(gate: nil, background: gate, onFailure: .hold)])
      ) { rig in
        try rig.settle()
        try rig.act(.promote(.step))
        try rig.look(.bad, .background)
      },
    ]
  }

  private static func flags() throws -> [Moment] {
    let remedied = Rig([Pipelines.canary(background: gate, switchesOff: .flag("search", in: "production"))])
    return try [
      Moment("ramping, shifting to step 1", Rig([Pipelines.ramp()])),
      Moment("ramping, watching step 1", Rig([Pipelines.ramp()])) { try $0.settle() },
      Moment("ramping, held since somebody changed the flag", Rig([Pipelines.ramp()])) { rig in
        try rig.settle()
        try rig.apply(.overruled(route: 0, found: nil, because: "an edit"))
      },
      Moment("switching off a flag for a failed gate", remedied) { rig in
        try rig.settle()
        try rig.look(.bad)
      },
      Moment("judging anew with the flag off", remedied) { rig in
        try rig.settle()
        try rig.look(.bad)
        try rig.settle()
      },
    ]
  }

  private static func blueGreen() throws -> [Moment] {
    let names = ["deploying", "pre-switch", "switching", "post-switch", "keep-alive", "retiring"]
    return try names.enumerated().map { move, name in
      try Moment("blue-green, \(name)", Rig([Pipelines.blueGreen(background: gate), Pipelines.verify()])) {
        try $0.play(until: { $0.isAt(move) })
      }
    }
  }

  private static func backward() throws -> [Moment] {
    let retired = Rig([Pipelines.blueGreen(), Pipelines.verify()])
    func back(_ rig: inout Rig, settling changes: Int, failing failures: Int = 0) throws {
      try rig.play(until: { $0.isAt(0, stage: 1) })
      try rig.act(.rollback)
      for _ in 0..<changes { try rig.settle() }
      for _ in 0..<failures { try rig.fail() }
    }
    return try [
      Moment("rolling back with a mirror and a header route", Rig([Pipelines.previewed()])) { rig in
        try rig.play(until: { $0.isAt(2) })
        try rig.act(.rollback)
      },
      Moment("rolling back, restoring", retired) { try back(&$0, settling: 0) },
      Moment("rolling back, shifting", retired) { try back(&$0, settling: 1) },
      Moment("rolling back, shifting, a person called", retired) { try back(&$0, settling: 1, failing: 5) },
      Moment("rolling back, cleaning", retired) { try back(&$0, settling: 2) },
      Moment("rolling back, cleaning for the last time", retired) { try back(&$0, settling: 2, failing: 4) },
    ]
  }

  private static func ended() throws -> [Moment] {
    try [
      Moment("promoted", Rig([Pipelines.canary()])) { try $0.play() },
      Moment("promoted, nothing changed", Rig([Pipelines.check()])) { try $0.play() },
      Moment("rolled back", Rig([Pipelines.canary()])) { try $0.play { _, _ in .bad } },
      Moment("failed", Rig([Pipelines.approve(), Pipelines.canary()])) { try $0.act(.reject) },
      Moment("aborted", Rig([Pipelines.check()])) { try $0.act(.abort) },
    ]
  }
}
