import KubernetesClient
import PipelineModel
import PluginKit
import Synchronization

/// Brings versions up in two Deployments that are there already, one for each slot.
///
/// A start is one change of a Deployment: image, replicas, and the key in the pods' template. Kubernetes does the rest, and
/// is asked how far it is. All else in the Deployment stays as it is.
struct KubernetesDeployer: Deployer {
  var name: String
  var client: KubernetesClient
  var blue: KubernetesName
  var green: KubernetesName
  var image: ImageTemplate
  /// `nil` where pods have one container only.
  var container: String?
  var replicas: Int
  /// `nil` to leave it as the Deployment has it.
  var progressDeadline: Interval?
  var stopTimeout: Interval

  /// Tries to change a Deployment that somebody else changes all the time.
  private static let tries = 5

  func start(_ deployment: Deployment) async throws(Failure) {
    let place = place(of: deployment)
    try await telling("could not start \(what(deployment))") { () async throws(Failure) in
      let image = try image.filled(by: deployment)
      _ = try await change(place) { rollout throws(Failure) in
        // Also when it was scaled to 0 since: what was stopped is not brought up by its own key.
        rollout.key == deployment.key ? nil : try wish(image, deployment.key, rollout, place)
      }
    }
  }

  func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    let place = place(of: deployment)
    return try await telling("could not ask for \(what(deployment))") { () async throws(Failure) in
      let rollout = Rollout(try await read(place))
      let container = try self.container(rollout, place)
      let image = try image.filled(by: deployment)
      let state = rollout.state(key: deployment.key, image: image, container: container)
      guard case .failed(let reason) = state else { return state }
      return .failed("\(what(deployment)), \(place): \(reason)")
    }
  }

  /// A Deployment that is not there is told: it may have been meant by another name, and run under that.
  func stop(_ deployment: Deployment) async throws(Failure) {
    let place = place(of: deployment)
    try await telling("could not stop \(what(deployment))") { () async throws(Failure) in
      let object = try await change(place) { rollout throws(Failure) in
        rollout.replicas == 0 ? nil : ["spec": ["replicas": 0]]
      }
      if !isEmpty(object) { try await emptied(object, place) }
    }
  }

  private func place(of deployment: Deployment) -> KubernetesName { deployment.slot == .blue ? blue : green }

  private func what(_ deployment: Deployment) -> String {
    "\(deployment.service) \(deployment.version) in slot \(deployment.slot.rawValue)"
  }

  private func telling<Value>(_ attempt: String, _ work: () async throws(Failure) -> Value) async throws(Failure)
    -> Value
  {
    do throws(Failure) {
      return try await work()
    } catch {
      throw error.told("\(attempt) by \(name): \(error.message)")
    }
  }
}

extension KubernetesDeployer {
  private func wish(_ image: String, _ key: String, _ rollout: Rollout, _ place: KubernetesName) throws(Failure) -> JSON
  {
    let container = try self.container(rollout, place)
    // A merge patch replaces a list as a whole.
    let containers = rollout.containers.map { entry in
      var entry = entry
      if entry["name"]?.text == container { entry["image"] = .text(image) }
      return entry
    }
    let template: JSON = [
      "metadata": ["annotations": .object([Rollout.mark: .text(key)])], "spec": ["containers": .list(containers)],
    ]
    var spec: JSON = ["replicas": .number(Double(replicas)), "template": template]
    if let progressDeadline { spec["progressDeadlineSeconds"] = .number(progressDeadline.seconds.rounded(.up)) }
    return ["spec": spec]
  }

  /// Name of the container that has the image.
  private func container(_ rollout: Rollout, _ place: KubernetesName) throws(Failure) -> String {
    let names = rollout.containers.compactMap { $0["name"]?.text }
    if let container, names.contains(container) { return container }
    if container == nil, names.count == 1 { return names[0] }
    let known = names.map { $0.excerpt(60) }.joined(separator: ", ")
    let missing = container.map { "no container \($0)" } ?? "\(names.count) containers, so give `container`"
    throw Failure(.misconfigured, "\(place) has \(missing); it has \(known.isEmpty ? "none" : known)")
  }

  private func read(_ place: KubernetesName) async throws(Failure) -> KubernetesObject {
    switch try await client.get(place) {
    case .object(let object): return object
    case .missing(let said): throw Self.missing(place, said)
    case .conflict(let said): throw Failure(.transient, said)
    case .owned(let fields): throw Failure(.rejected, "other managers own \(fields.joined(separator: ", "))")
    }
  }

  private static func missing(_ place: KubernetesName, _ said: String) -> Failure {
    Failure(.misconfigured, "there is no \(place) (\(said)); apply it first, with 0 replicas, or mend the name")
  }

  /// Changes it as it is, again when somebody else changes it in between; `nil` from `edit` is no change.
  ///
  /// - Returns: the Deployment as it is then.
  private func change(_ place: KubernetesName, _ edit: (Rollout) throws(Failure) -> JSON?) async throws(Failure)
    -> KubernetesObject
  {
    var said = ""
    for _ in 1...Self.tries {
      let object = try await read(place)
      guard var patch = try edit(Rollout(object)) else { return object }
      patch["metadata"] = ["resourceVersion": .text(object.resourceVersion)]
      switch try await client.merge(patch, into: place) {
      case .object(let changed): return changed
      case .conflict(let reason): said = reason
      case .missing(let reason): throw Self.missing(place, reason)
      case .owned(let fields): throw Failure(.rejected, "other managers own \(fields.joined(separator: ", "))")
      }
    }
    throw Failure(.transient, "somebody else changed \(place) in between, \(Self.tries) times: \(said)")
  }

  /// Waits until no pod is left.
  ///
  /// - Parameter object: as it was when it was scaled to 0; however late the first word of the watch comes, nobody takes it for
  ///   gone.
  private func emptied(_ object: KubernetesObject, _ place: KubernetesName) async throws(Failure) {
    let last = Mutex<KubernetesObject?>(object)
    let outcome: Void?
    do {
      outcome = try await within(stopTimeout) { [client] in
        try await client.watch(place) { sight in
          guard case .present(let object) = sight else {
            last.withLock { $0 = nil }
            return false
          }
          last.withLock { $0 = object }
          return !isEmpty(object) && Rollout(object).replicas == 0
        }
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.transient, "it was cancelled")
    }
    guard let object = last.withLock({ $0 }) else { return }
    let rollout = Rollout(object)
    guard rollout.replicas == 0 else {
      throw Failure(.transient, "somebody else scaled \(place) to \(rollout.replicas) in between")
    }
    if outcome == nil {
      throw Failure(.transient, "\(place) is scaled to 0, and after \(stopTimeout) pods are left: \(rollout.pods)")
    }
  }
}

/// Whether nothing of it runs, nor will.
private func isEmpty(_ object: KubernetesObject) -> Bool {
  let rollout = Rollout(object)
  return rollout.replicas == 0 && rollout.isObserved && rollout.pods == 0
}
