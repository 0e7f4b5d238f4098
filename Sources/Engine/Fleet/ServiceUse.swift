package import PipelineModel

/// That a run brings another version to a service, or ramps a flag that it reads. While one goes on, the numbers of the
/// other would no longer say which of the two did it.
package struct ServiceUse: Hashable, Sendable {
  package var service: Target
  /// Key of the flag that is ramped; `nil`: a version is deployed.
  package var flag: String?

  package init(_ service: Target, flag: String? = nil) {
    self.service = service
    self.flag = flag
  }

  /// What a run of a plan does to services.
  package static func uses(of plan: Plan, ramping ramps: [Start.Ramp]) -> [ServiceUse] {
    let target = plan.pipeline.target
    let ramps = ramps.flatMap { ramp in
      ramp.services.map { ServiceUse(Target(service: $0, environment: target.environment), flag: ramp.key) }
    }
    let deploys = plan.routes.contains { !$0.isFlag } || plan.pipeline.stages.contains { $0.deployer != nil }
    return ramps + (deploys ? [ServiceUse(target)] : [])
  }
}

extension Run {
  package var uses: [ServiceUse] { ServiceUse.uses(of: plan, ramping: start.ramps) }
}

/// Who uses which service now.
struct ServiceUses: Equatable, Sendable {
  private var byService: [Target: [(run: RunID, flag: String?)]] = [:]
  private var byRun: [RunID: [ServiceUse]] = [:]

  mutating func add(_ uses: [ServiceUse], of run: RunID) {
    guard !uses.isEmpty, byRun[run] == nil else { return }
    byRun[run] = uses
    for use in uses { byService[use.service, default: []].append((run, use.flag)) }
  }

  mutating func reserveCapacity(_ count: Int) {
    byService.reserveCapacity(byService.count + count)
    byRun.reserveCapacity(byRun.count + count)
  }

  mutating func remove(_ run: RunID) {
    for use in byRun.removeValue(forKey: run) ?? [] {
      byService[use.service]?.removeAll { $0.run == run }
      if byService[use.service]?.isEmpty == true { byService[use.service] = nil }
    }
  }

  /// Other runs that do the other thing to the same services, each once.
  func collisions(of uses: [ServiceUse], besides run: RunID?) -> [Fleet.Collision] {
    var found: [Fleet.Collision] = []
    for use in uses {
      for other in byService[use.service] ?? [] where other.run != run && (other.flag == nil) != (use.flag == nil) {
        guard !found.contains(where: { $0.run == other.run }) else { continue }
        found.append(
          .init(run: other.run, service: use.service, flag: other.flag ?? use.flag ?? "", isRamp: use.flag == nil))
      }
    }
    return found.sorted { $0.run < $1.run }
  }

  static func == (a: ServiceUses, b: ServiceUses) -> Bool { a.byRun == b.byRun }
}

extension Fleet {
  /// A run that would blur what another shows, or be blurred by it.
  package struct Collision: Hashable, Sendable, CustomStringConvertible {
    /// The one that goes on.
    package var run: RunID
    package var service: Target
    package var flag: String
    /// Whether the one that goes on is the ramp.
    package var isRamp: Bool

    package var description: String {
      isRamp
        ? "run \(run) ramps the flag \(flag), which \(service) reads"
        : "run \(run) deploys \(service), which reads the flag \(flag)"
    }
  }
}
