package import BackendHTTP
import Foundation
package import PipelineModel
package import PluginKit

/// Where an API server is, whom to trust, and how to show who asks.
package struct KubernetesAccess: Sendable {
  package var server: String
  package var tls: HTTPTLS?
  package var credentials: HTTPCredentials
  /// The namespace that goes with it, for names that give none.
  package var namespace: String?

  package init(server: String, tls: HTTPTLS?, credentials: HTTPCredentials, namespace: String?) {
    self.server = server
    self.tls = tls
    self.credentials = credentials
    self.namespace = namespace
  }

  /// As every pod has it: a token that is renewed about every hour, and so is read anew for each request.
  ///
  /// - Parameter folder: where the service account is mounted.
  /// - Throws: `misconfigured` when this is no pod.
  package static func inCluster(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    folder: String = "/var/run/secrets/kubernetes.io/serviceaccount"
  ) throws(Failure) -> KubernetesAccess {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"] else {
      throw Failure(
        .misconfigured,
        "this is no pod of a cluster (KUBERNETES_SERVICE_HOST is not set), so give `kubeconfig` or `url`")
    }
    let namespace = WholeFile("\(folder)/namespace")
    return KubernetesAccess(
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
      tls: HTTPTLS(authority: .file("\(folder)/ca.crt")), credentials: token(in: "\(folder)/token"),
      namespace: try namespace.text().map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
  }

  /// The token that a file has at the moment of the request.
  static func token(in path: String) -> HTTPCredentials {
    bearer { () throws(Failure) in
      guard let text = try WholeFile(path).text() else {
        throw Failure(.misconfigured, "there is no token in \(path)")
      }
      return text
    }
  }

  static func bearer(_ read: @escaping @Sendable () throws(Failure) -> String) -> HTTPCredentials {
    HTTPCredentials { _, _ throws(Failure) in
      let value = try await HTTPCredentials.value(of: "token") { _ throws(Failure) in try read() }
      return .init(headers: [.init("Authorization", "Bearer \(value)")], secrets: [value])
    }
  }
}

extension KubernetesClient {
  /// The settings that every backend of Kubernetes has.
  package static let settings =
    SettingsSchema(
      [
        .init("kubeconfig", .text, about: "A kubeconfig; without it and `url`, the pod's own service account."),
        .init("context", .text, about: "Context of the kubeconfig; its current one unless given."),
        .init("url", .text, .url, about: "API server, such as https://10.0.0.1:6443, with `bearer` and `tls`."),
        .init("namespace", .text, about: "Namespace of what gives none; that of the context or the pod unless given."),
      ], rules: [.needs("context", "kubeconfig"), .atMostOneOf(["kubeconfig", "url"])]) + HTTPSettings.withoutURL

  /// - Returns: the client, and the namespace of what gives none.
  /// - Throws: `misconfigured`, saying what is missing.
  package static func make(_ backend: Backend, _ context: BackendContext) throws(Failure) -> (
    client: KubernetesClient, namespace: String
  ) {
    do throws(Failure) {
      let (http, namespace) = try connection(backend, context)
      return (KubernetesClient(http), backend.settings.text("namespace") ?? namespace ?? "default")
    } catch {
      throw error.told("\(backend.name): \(error.message)")
    }
  }

  private static func connection(_ backend: Backend, _ context: BackendContext) throws(Failure) -> (
    HTTPBackend, String?
  ) {
    let settings = backend.settings
    if settings.text("context") != nil, settings.text("kubeconfig") == nil {
      throw Failure(.misconfigured, "`context` needs `kubeconfig`")
    }
    switch (settings.text("kubeconfig"), settings.text("url")) {
    case (_?, _?): throw Failure(.misconfigured, "give `kubeconfig` or `url`, not both")
    case (nil, let url?): return (try HTTPBackend(backend, url: url, context, largestAnswer: 1 << 24), nil)
    // The cluster's files are where it is asked from.
    case (_, nil) where context.onlyChecks: return (try HTTPBackend(backend, url: "https://kubernetes", context), nil)
    case (let path?, nil):
      let file = resolved(path, context)
      return made(try Kubeconfig(file).access(context: settings.text("context")), backend, context)
    case (nil, nil): return made(try KubernetesAccess.inCluster(), backend, context)
    }
  }

  private static func resolved(_ path: String, _ context: BackendContext) -> String {
    if path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] { return home + path.dropFirst(1) }
    return path.hasPrefix("/") ? path : "\(context.baseDirectory)/\(path)"
  }

  private static func made(_ access: KubernetesAccess, _ backend: Backend, _ context: BackendContext) -> (
    HTTPBackend, String?
  ) {
    let http = HTTPBackend(
      name: backend.name, url: access.server, timeout: backend.settings.duration("timeout") ?? .seconds(10),
      credentials: access.credentials, tls: access.tls, secret: context.secret, largestAnswer: 1 << 24)
    return (http, access.namespace)
  }
}
