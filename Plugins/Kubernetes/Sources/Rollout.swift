import KubernetesClient
import PipelineModel
import PluginKit

/// How far a Deployment is with what it was told.
struct Rollout: Hashable, Sendable {
  /// Annotation of the pods' template. There, each key is a rollout of its own, whose progress Kubernetes watches over
  /// from its beginning, also when the image is the same as before.
  static let mark = "headgate/key"

  var object: KubernetesObject

  init(_ object: KubernetesObject) { self.object = object }

  /// Of the last start; `nil` when it was never started so.
  var key: String? { object.spec["template"]?["metadata"]?["annotations"]?[Self.mark]?.text }

  /// Pods wished for: one when it is left out, as the API has it.
  var replicas: Int { object.spec["replicas"]?.integer ?? 1 }

  var containers: [JSON] { object.spec["template"]?["spec"]?["containers"]?.list ?? [] }

  /// Whether the status speaks of what is wished for now.
  var isObserved: Bool { status("observedGeneration") >= object.generation }

  /// Pods that are there or, where the server tells, are going.
  var pods: Int { status("replicas") + status("terminatingReplicas") }

  /// Zeros are left out of a status.
  private func status(_ name: String) -> Int { object.status[name]?.integer ?? 0 }

  /// How far the start with this key is, which was to bring up this image in this container.
  func state(key: String, image: String, container: String) -> DeploymentState {
    if let ended = overruled(key, image, container) { return .failed(ended) }
    guard isObserved else { return .starting("its controller has not seen the change") }
    if let progress = object.conditions["Progressing"], progress.reason == "ProgressDeadlineExceeded" {
      return .failed("ProgressDeadlineExceeded: \(said(progress)), \(counts)\(trouble)")
    }
    if object.spec["paused"]?.bool == true { return .starting("it is paused; `kubectl rollout resume` lets it go on") }
    let isComplete = status("updatedReplicas") >= replicas && status("availableReplicas") >= replicas
    guard isComplete else { return .starting(counts + trouble) }
    let old = status("replicas") - status("updatedReplicas")
    return old > 0 ? .starting("pods of before that are still there: \(old)") : .ready
  }

  /// Why this start can come to nothing any more: somebody wished for something else since.
  private func overruled(_ key: String, _ image: String, _ container: String) -> String? {
    guard let started = self.key else { return "it was never started" }
    guard started == key else { return "it was started again since, with the key \(started.excerpt(80))" }
    if replicas == 0 { return "it was scaled to 0" }
    let found = containers.first { $0["name"]?.text == container }?["image"]?.text ?? "no image"
    return found == image ? nil : "somebody else changed its image to \(found.excerpt(120))"
  }

  private var counts: String {
    "\(status("updatedReplicas")) of \(replicas) pods are of the version, \(status("availableReplicas")) available"
  }

  /// What keeps pods from being made, such as a quota.
  private var trouble: String {
    guard let failure = object.conditions["ReplicaFailure"], failure.isTrue else { return "" }
    return "; \(failure.reason.excerpt(60)): \(said(failure))"
  }

  private func said(_ condition: KubernetesCondition) -> String { condition.message.excerpt(200) }
}
