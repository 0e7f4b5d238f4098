import Foundation

/// An API server of Kubernetes: the one in `Fixtures/kubernetes_api.py`, or a real one.
///
/// With `HEADGATE_KUBERNETES=1` it is the one that `KUBECONFIG` names, in the namespace of its current context, and tests
/// of what only a fake can be made to do are left out. Objects are made there, under names of their own, and deleted.
package struct KubernetesAPI: Sendable {
  /// Of the kubeconfig to use.
  package let kubeconfig: String
  /// Without a user; of the fake only.
  package let url: String
  package let isReal: Bool
  /// What names of objects begin with.
  package let prefix = "headgate-\(UUID().uuidString.prefix(8).lowercased())"
  private let child: Child?

  package static var isReal: Bool { ProcessInfo.processInfo.environment["HEADGATE_KUBERNETES"] == "1" }

  /// The fake one, or the real one when that is wanted.
  package init(in rig: Rig) async throws {
    if Self.isReal {
      guard let path = ProcessInfo.processInfo.environment["KUBECONFIG"] else {
        throw RigError("HEADGATE_KUBERNETES=1 needs KUBECONFIG")
      }
      self.init(kubeconfig: path, url: "", isReal: true, child: nil)
    } else {
      try await self.init(fakeIn: rig)
    }
  }

  /// The fake one.
  ///
  /// - Parameter isAsking: over TLS, demanding a certificate of its client; plain HTTP otherwise.
  package init(fakeIn rig: Rig, isTLS: Bool = false, isAsking: Bool = false) async throws {
    let port = try Rig.freePort()
    var arguments = [Rig.fixturePath("kubernetes_api.py"), "\(port)"]
    if isTLS { arguments += ["--certificate", TLSFixture.server.certificate, "--key", TLSFixture.server.key] }
    if isAsking { arguments += ["--client-authority", TLSFixture.authority] }
    let child = try await rig.start("kubernetes-\(port)", try Component.python3.required(), arguments)
    try await Rig.wait(for: "the API server") { Rig.isListening(port) }
    let url = "\(isTLS ? "https" : "http")://127.0.0.1:\(port)"
    let file = try rig.write(Self.text(server: url, user: "{ token: first }"), to: "kubeconfig-\(port)")
    self.init(kubeconfig: file, url: url, isReal: false, child: child)
  }

  private init(kubeconfig: String, url: String, isReal: Bool, child: Child?) {
    self.kubeconfig = kubeconfig
    self.url = url
    self.isReal = isReal
    self.child = child
  }

  /// A kubeconfig.
  ///
  /// - Parameters:
  ///   - user: what is under `user:`.
  ///   - cluster: more of what is under `cluster:`.
  package static func text(server: String, user: String, cluster: String = "") -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: here
    clusters: [{ name: local, cluster: { server: "\(server)"\(cluster.isEmpty ? "" : ", \(cluster)") } }]
    users: [{ name: headgate, user: \(user) }]
    contexts: [{ name: here, context: { cluster: local, user: headgate, namespace: shop } }]

    """
  }

  /// Ends it; the real one is left alone.
  package func stop() async { await child?.stop() }

  package func signal(_ number: Int32) { child?.signal(number) }

  /// Sets knobs of the fake, given as JSON.
  package func set(_ knobs: String) async throws { try await control("/_fake", knobs) }

  /// Makes the fake forget the history of objects, so that watches of older versions are told 410.
  package func forget() async throws { try await control("/_fake/act", #"{"forget": true}"#) }

  /// Cuts every watch.
  package func drop() async throws { try await control("/_fake/act", #"{"drop": true}"#) }

  /// Requests the fake got: method, path, query.
  package func log() async throws -> [[String]] {
    guard let body = await Rig.get("\(url)/_fake/log")?.body,
      let log = try? JSONDecoder().decode([[String]].self, from: Data(body.utf8))
    else { throw RigError("the fake API server did not tell its log") }
    return log
  }

  private func control(_ path: String, _ json: String) async throws {
    guard await Rig.send("POST", url + path, json: json)?.status == 200 else {
      throw RigError("the fake API server did not take \(json)")
    }
  }
}
