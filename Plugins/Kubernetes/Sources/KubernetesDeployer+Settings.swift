import KubernetesClient
import PipelineModel
package import PluginKit

extension BackendFactory<any Deployer> {
  /// Deployments of Kubernetes, by its API server.
  package static var kubernetes: Self {
    Self(
      kind: BackendKind(
        name: "kubernetes", port: .deployment, about: "Brings versions up in two Deployments of Kubernetes.",
        settings: KubernetesClient.settings
          + SettingsSchema(
            [
              .init(
                "blue", .text, KubernetesName.format, required: true,
                about: "Deployment of slot blue; it is there already."),
              .init("green", .text, KubernetesName.format, required: true, about: "Deployment of slot green."),
              .init(
                "image", .template(ImageTemplate.names), required: true,
                about: "Image of a version, such as registry.example/shop:${version}."),
              .init("container", .text, about: "Container that has the image, where a pod has several."),
              .init(
                "replicas", .number, .whole(1...Int(Int32.max)), required: true, about: "Pods of a version, at least 1."
              ),
              .init(
                "progressDeadline", .duration, about: "Longest without progress; as the Deployment has it unless given."
              ),
              .init("stopTimeout", .duration, about: "Longest until no pod is left; 2m unless given."),
            ], rules: [.differ("blue", "green")]))
    ) { backend, context throws(Failure) in
      let (client, namespace) = try KubernetesClient.make(backend, context)
      do throws(Failure) {
        return try KubernetesDeployer(backend.settings, name: backend.name, client: client, namespace: namespace)
      } catch {
        throw error.told("\(backend.name): \(error.message)")
      }
    }
  }
}

extension KubernetesDeployer {
  /// - Throws: `misconfigured`, saying what is wrong.
  init(_ settings: Settings, name: String, client: KubernetesClient, namespace: String) throws(Failure) {
    guard let blue = settings.text("blue"), let green = settings.text("green"), blue != green else {
      throw Failure(.misconfigured, "give `blue` and `green`, two Deployments that differ")
    }
    guard let replicas = settings.number("replicas").flatMap(Int.init(exactly:)), replicas > 0 else {
      throw Failure(.misconfigured, "`replicas` must be a whole number of pods, at least 1")
    }
    let deadline = settings.duration("progressDeadline")
    if let deadline, deadline < .seconds(1) {
      throw Failure(.misconfigured, "`progressDeadline` is \(deadline); Kubernetes takes whole seconds, at least 1s")
    }
    self.init(
      name: name, client: client, blue: try Self.place(blue, namespace), green: try Self.place(green, namespace),
      image: try ImageTemplate(settings.text("image") ?? ""), container: settings.text("container"),
      replicas: replicas, progressDeadline: deadline, stopTimeout: settings.duration("stopTimeout") ?? .minutes(2))
  }

  private static func place(_ name: String, _ namespace: String) throws(Failure) -> KubernetesName {
    if let found = KubernetesName(checked: .deployments, namespace: namespace, name: name) { return found }
    throw Failure(
      .misconfigured,
      "\"\(namespace.excerpt(60))/\(name.excerpt(60))\" is no name of Kubernetes; use small letters, digits, - and .")
  }
}
