import Engine
import PipelineModel

extension Teller {
  /// The weight that the entry confirms for a route.
  var confirmed: (route: Int, weight: Weight)? {
    guard case .shifted(let id) = entry.fact, case .setWeight(let route, let weight)? = effect(id)?.work else {
      return nil
    }
    return (route, weight)
  }

  /// What the entry changed of the traffic: a weight that a router confirmed, or, of a pipeline that moves no traffic
  /// that Headgate knows of, its end.
  ///
  /// - Parameter weights: what each route had before the entry.
  func changes(from weights: [Weight]) -> [ExposureChange] {
    let version = run.start.version
    if let (route, weight) = confirmed {
      guard weights[route] != weight else { return [] }
      let name = plan.routes[route]
      let text = name.isFlag ? "\(name) gave \(receiver(route)) to \(weight)" : "\(name) gave \(weight) to \(version)"
      return [change(weights[route], weight, text, of: name.isFlag ? .users : .requests)]
    }
    guard plan.routes.isEmpty, entry.decisions.contains(.ended(.promoted)) else { return [] }
    return [change(.none, .all, "\(version) was promoted, by a pipeline that moves no traffic of a router")]
  }

  private func change(
    _ before: Weight, _ after: Weight, _ text: String, of subjects: ExposureChange.Subjects = .requests
  ) -> ExposureChange {
    let target = run.start.target
    return ExposureChange(
      sequence: entry.sequence, time: entry.time, origin: .run(run.id), services: [target.service],
      environment: target.environment, before: before.fraction, after: after.fraction,
      subjects: subjects, text: text)
  }
}
