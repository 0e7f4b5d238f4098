import BackendHTTP
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import KubernetesClient

/// Kubeconfigs and service accounts lead to a server and show who asks, or say why they cannot.
@Suite(.live(.python3)) struct KubeconfigTests {
  private func refusal(_ text: String, context: String? = nil) async throws -> String {
    try await Rig.with { rig in
      let file = try rig.write(text, to: "kubeconfig")
      let failure = #expect(throws: Failure.self) { try Kubeconfig(file).access(context: context) }
      #expect(failure?.kind == .misconfigured)
      return failure?.message.replacing("\(file): ", with: "").replacing("\(file) ", with: "") ?? ""
    }
  }

  private func text(user: String, cluster: String = "", server: String = "https://10.0.0.1:6443") -> String {
    KubernetesAPI.text(server: server, user: user, cluster: cluster)
  }

  @Test func `ways to log in that need kubectl are refused, with a way out`() async throws {
    let mend = "use a service account's token (`kubectl create token`) or a client certificate"
    #expect(
      try await refusal(text(user: "{ exec: { apiVersion: v1, command: aws, args: [eks, get-token] } }"))
        == "the user \"headgate\" logs in by a program (`exec: aws`), which Headgate does not run; \(mend)")
    #expect(
      try await refusal(text(user: "{ auth-provider: { name: gcp } }"))
        == "the user \"headgate\" logs in by an auth-provider, which only old kubectl knows; \(mend)")
    #expect(
      try await refusal(text(user: "{ username: admin, password: geheim }"))
        == "the user \"headgate\" logs in by a password, which API servers no longer take; \(mend)")
  }

  @Test func `what would weaken the connection is refused`() async throws {
    let insecure = try await refusal(text(user: "{ token: t }", cluster: "insecure-skip-tls-verify: true"))
    #expect(insecure.contains("name its certificate-authority instead"))
    let proxy = try await refusal(text(user: "{ token: t }", cluster: "proxy-url: http://proxy:3128"))
    #expect(proxy.contains("has a proxy-url"))
    let server = try await refusal(text(user: "{ token: t }", server: "ftp://here"))
    #expect(server.contains("has the server \"ftp://here\", where a URL is needed"))
    let data = try await refusal(text(user: "{ token: t }", cluster: "certificate-authority-data: '%%'"))
    #expect(data.contains("the certificate-authority-data is no base64"))
  }

  @Test func `names that lead nowhere are told with those there are`() async throws {
    let text = text(user: "{ token: t }")
    #expect(try await refusal(text, context: "there") == "has no context \"there\"; it has here")
    #expect(
      try await refusal(text.replacing("user: headgate", with: "user: nobody"))
        == "has no user \"nobody\"; it has headgate")
    #expect(try await refusal("hello").hasPrefix("is no kubeconfig: "))
    #expect(throws: Failure(.misconfigured, "there is no kubeconfig at /nowhere")) { try Kubeconfig("/nowhere") }
  }

  private func get(_ access: KubernetesAccess) async throws -> KubernetesAnswer {
    let backend = HTTPBackend(
      name: "cluster", url: access.server, timeout: .seconds(60), credentials: access.credentials, tls: access.tls,
      secret: { _ throws(Failure) in throw Failure(.misconfigured, "none") })
    return try await KubernetesClient(backend).get(KubernetesName(.httpRoutes, namespace: "shop", name: "shop"))
  }

  private static let missing = KubernetesAnswer.missing("httproutes.gateway.networking.k8s.io \"shop\" not found")

  @Test func `a client certificate is shown, from files and from the kubeconfig itself`() async throws {
    try await Rig.with { rig in
      let api = try await KubernetesAPI(fakeIn: rig, isTLS: true, isAsking: true)
      func data(_ path: String) throws -> String { try Data(contentsOf: URL(filePath: path)).base64EncodedString() }
      let files = "{ client-certificate: '\(TLSFixture.client.certificate)', client-key: '\(TLSFixture.client.key)' }"
      let inside = """
        { client-certificate-data: "\(try data(TLSFixture.client.certificate))", \
        client-key-data: "\(try data(TLSFixture.client.key))" }
        """
      let authorities = [
        "certificate-authority: '\(TLSFixture.authority)'",
        "certificate-authority-data: \"\(try data(TLSFixture.authority))\"",
      ]
      for (user, authority) in zip([files, inside], authorities) {
        let file = try rig.write(text(user: user, cluster: authority, server: api.url), to: "kubeconfig")
        #expect(try await get(try Kubeconfig(file).access(context: nil)) == Self.missing)
      }
    }
  }

  @Test func `a server of another authority is not trusted`() async throws {
    try await Rig.with { rig in
      let api = try await KubernetesAPI(fakeIn: rig, isTLS: true)
      let stranger = "certificate-authority: '\(TLSFixture.stranger)'"
      let file = try rig.write(text(user: "{ token: secret-1 }", cluster: stranger, server: api.url), to: "kubeconfig")
      let failure = await #expect(throws: Failure.self) { try await get(try Kubeconfig(file).access(context: nil)) }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains("certificate is not one to trust") == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `a service account's token is read anew, so that a renewed one is used`() async throws {
    try await Rig.with { rig in
      let api = try await KubernetesAPI(fakeIn: rig, isTLS: true)
      _ = try rig.write(try String(contentsOfFile: TLSFixture.authority, encoding: .utf8), to: "ca.crt")
      _ = try rig.write("shop\n", to: "namespace")
      let port = try #require(api.url.split(separator: ":").last.map(String.init))
      let access = try KubernetesAccess.inCluster(
        environment: ["KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": port], folder: rig.folder)
      #expect(access.namespace == "shop")
      let none = await #expect(throws: Failure.self) { try await get(access) }
      #expect(none?.message.contains("there is no token in \(rig.folder)/token") == true)
      for token in ["secret-1", "secret-2"] {
        _ = try rig.write("\(token)\n", to: "token")
        let grant = try await access.credentials.grant(HTTPCall(.get, "/"), access.server)
        #expect(grant.headers == [.init("Authorization", "Bearer \(token)")])
        #expect(grant.secrets == [token])
        #expect(try await get(access) == Self.missing)
      }
    }
  }

  @Test func `an expired token is told, and not shown`() async throws {
    try await Rig.with { rig in
      let api = try await KubernetesAPI(fakeIn: rig)
      try await api.set(#"{"tokens": ["second"]}"#)
      let old = await #expect(throws: Failure.self) {
        try await get(try Kubeconfig(api.kubeconfig).access(context: nil))
      }
      #expect(old?.kind == .misconfigured)
      #expect(old?.message.contains("expired") == true)
      let file = try rig.write("second\n", to: "token")
      let fresh = try rig.write(text(user: "{ tokenFile: token }", server: api.url), to: "kubeconfig")
      _ = file
      #expect(try await get(try Kubeconfig(fresh).access(context: nil)) == Self.missing)
    }
  }

  @Test func `outside of a cluster there is no service account`() {
    let failure = #expect(throws: Failure.self) { try KubernetesAccess.inCluster(environment: [:]) }
    #expect(failure?.message.contains("give `kubeconfig` or `url`") == true)
  }
}
