package import Engine
package import PipelineModel

extension World {
  /// What comes back of an effect.
  package struct Reply: Sendable {
    package var fact: Fact
    /// Time until it is heard.
    package var delay: Interval

    init(_ fact: Fact, _ delay: Interval) { (self.fact, self.delay) = (fact, delay) }
  }

  /// Does what an effect asks. The world changes at once; the answer takes its time, and may never be heard.
  ///
  /// - Returns: `nil` for effects without an answer.
  package mutating func perform(_ effect: Effect, interval: Interval, at now: Timestamp) -> Reply? {
    switch effect.work {
    case .measure(_, let metric):
      let (reading, delay) = measure(metric, interval: interval, at: now)
      return Reply(.measured(effect.id, reading), delay)
    case .setWeight(let route, let weight): return setWeight(effect.id, route, weight, now)
    case .setMirror(let route, let share):
      return tell(effect.id, route, now) { $0.mirrors[route] = share }
    case .setHeaderRoute(let route, let header):
      return setHeaderRoute(effect.id, route, header.map { plan.headers[$0] }, at: now)
    case .step(let stage): return step(effect.id, stage)
    case .cancelStep: return nil
    case .deploy(let stage, let arm): return deploy(effect.id, stage, arm, now)
    case .retire(let stage, let arm): return retire(effect.id, stage, arm, now)
    case .check(let stage): return check(effect.id, stage)
    case .switchOff(let stage): return switchOff(effect.id, stage, now)
    case .cancelCheck: return nil
    }
  }

  private mutating func setWeight(
    _ id: EffectID, _ route: Int, _ weight: Weight, _ now: Timestamp
  ) -> Reply {
    if let failed = flagFault(id, route, weight, now) { return failed }
    return tell(id, route, now) { $0.weights[route] = weight }
  }

  /// Gives requests with a header to the candidate, also with one that the plan does not name; `nil`: none any more.
  package mutating func setHeaderRoute(
    _ id: EffectID, _ route: Int, _ match: HeaderMatch?, at now: Timestamp
  ) -> Reply {
    tell(id, route, now) { $0.headers[route] = match }
  }

  /// Tells a router something that it does at once, unless it cannot be asked.
  private mutating func tell(
    _ id: EffectID, _ route: Int, _ now: Timestamp, _ change: (inout World) -> Void
  ) -> Reply {
    let router = plan.routes[route].router
    switch routerFaults.fault(of: router, at: now) {
    case .refuse: return Reply(.failed(id, Failure(.transient, "\(router): connection refused")), .zero)
    case .timeout: return Reply(.failed(id, Failure(.transient, "\(router): no answer within 30s")), .seconds(30))
    case .forget, nil:
      change(&self)
      return Reply(.shifted(id), takes.router)
    }
  }

  /// What becomes of asking for more of a flag than others allow. Off is never refused to whoever takes it back.
  private func flagFault(_ id: EffectID, _ route: Int, _ weight: Weight, _ now: Timestamp) -> Reply? {
    let name = plan.routes[route]
    guard name.isFlag, weight > .none else { return nil }
    if flagsOff.contains(name.route) {
      return Reply(.failed(id, Failure(.rejected, "\(name) is off, and stays off until a person turns it on")), .zero)
    }
    guard flagFaults.fault(of: name.route, at: now) == .refuse else { return nil }
    return Reply(.failed(id, Failure(.rejected, "\(name) cannot be changed")), .zero)
  }

  private mutating func switchOff(_ id: EffectID, _ stage: Int, _ now: Timestamp) -> Reply {
    let name = plan.pipeline.stages[stage].switchesOff?.route ?? ""
    if flagFaults.fault(of: name, at: now) == .refuse {
      return Reply(.failed(id, Failure(.rejected, "flag \(name) cannot be switched off")), .zero)
    }
    setOff(name)
    return Reply(.switchedOff(id), .zero)
  }

  private mutating func setOff(_ flag: String) {
    flagsOff.insert(flag)
    for route in weights.indices where plan.routes[route].isFlag && plan.routes[route].route == flag {
      weights[route] = .none
    }
  }

  private mutating func deploy(_ id: EffectID, _ stage: Int, _ arm: Arm, _ now: Timestamp) -> Reply {
    if let failed = deployerFault(id, stage, now) { return failed }
    if arm == .candidate { isDeployed = true }
    return Reply(.deployed(id), takes.deploy)
  }

  private mutating func retire(_ id: EffectID, _ stage: Int, _ arm: Arm, _ now: Timestamp) -> Reply {
    if let failed = deployerFault(id, stage, now) { return failed }
    if arm == .candidate { isDeployed = false }
    return Reply(.retired(id), .seconds(1))
  }

  private func deployerFault(_ id: EffectID, _ stage: Int, _ now: Timestamp) -> Reply? {
    let deployer = plan.pipeline.stages[stage].deployer ?? ""
    return switch deployerFaults.fault(of: deployer, at: now) {
    case .refuse: Reply(.failed(id, Failure(.transient, "\(deployer): connection refused")), .zero)
    case .timeout: Reply(.failed(id, Failure(.transient, "\(deployer): not ready in time")), .minutes(5))
    case .fail: Reply(.failed(id, Failure(.rejected, "\(deployer): the new version does not start")), takes.deploy)
    case nil: nil
    }
  }

  private func check(_ id: EffectID, _ stage: Int) -> Reply {
    let stage = plan.pipeline.stages[stage]
    switch checks[stage.name] ?? .pass {
    case .pass: return Reply(.checked(id, status: 0, output: ""), takes.check)
    case .fail: return Reply(.checked(id, status: 1, output: "simulated failure"), takes.check)
    case .timeout:
      let limit = if case .check(let check) = stage.work { check.timeout } else { takes.check }
      return Reply(.checked(id, status: 124, output: "simulated timeout"), limit)
    }
  }

  private func step(_ id: EffectID, _ stage: Int) -> Reply {
    let stage = plan.pipeline.stages[stage]
    switch steps[stage.name] ?? .pass {
    case .pass: return Reply(.performed(id, .passed, output: ""), takes.step)
    case .fail: return Reply(.performed(id, .failed, output: "simulated failure"), takes.step)
    case .inconclusive: return Reply(.performed(id, .inconclusive, output: "simulated: it cannot say"), takes.step)
    case .lost: return Reply(.performed(id, .failed, output: "simulated: nobody knows what came of it"), takes.step)
    case .timeout:
      let limit = if case .step(let call) = stage.work { call.timeout } else { takes.step }
      return Reply(.performed(id, .failed, output: "simulated timeout"), limit)
    }
  }

  /// Lets something of a scenario happen. What concerns the controller or people is not the world's, and is left alone.
  package mutating func happen(_ happening: ScenarioEvent.Happening, at now: Timestamp) {
    func end(_ length: Interval?) -> Timestamp { length.map { now + $0 } ?? .distantFuture }
    switch happening {
    case .canary(let changes): change(&candidate, changes)
    case .stable(let changes): change(&stable, changes)
    case .traffic(let rate): traffic = rate
    case .provider(let name, let fault, let length): providerFaults.set(name, fault, until: end(length))
    case .router(let name, .forget, _):
      for index in routes(of: name) { (weights[index], mirrors[index], headers[index]) = (.none, .none, nil) }
    case .router(let name, let fault, let length): routerFaults.set(name, fault, until: end(length))
    case .deployer(let name, let fault, let length): deployerFaults.set(name, fault, until: end(length))
    case .flag(let name, .killed, _): setOff(name)
    case .flag(let name, let fault, let length): flagFaults.set(name, fault, until: end(length))
    case .check(let stage, let fault): checks[stage] = fault
    case .step(let stage, let fault): steps[stage] = fault
    case .crash, .clockJump, .act: break
    }
  }

  /// Puts the candidate's share of a route where it is, for a world whose slots change their roles.
  package mutating func set(_ route: Int, _ weight: Weight) { weights[route] = weight }

  private func routes(of router: String) -> [Int] {
    plan.routes.indices.filter { plan.routes[$0].router == router }
  }
}
