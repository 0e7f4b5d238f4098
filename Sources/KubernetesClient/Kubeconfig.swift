import BackendHTTP
import Foundation
package import PipelineModel
import PluginKit
import Yams

/// A file as `kubectl` reads it: clusters, users, and contexts that put one of each together.
package struct Kubeconfig {
  private let document: Document
  private let path: String

  /// - Throws: `misconfigured` when there is no such file, or it is no kubeconfig.
  package init(_ path: String) throws(Failure) {
    guard let text = try WholeFile(path).text() else {
      throw Failure(.misconfigured, "there is no kubeconfig at \(path)")
    }
    self.path = path
    do {
      document = try YAMLDecoder().decode(Document.self, from: text)
    } catch {
      throw Failure(.misconfigured, "\(path) is no kubeconfig: \("\(error)".excerpt(200))")
    }
  }

  /// - Parameter name: of a context; `nil` for the current one.
  /// - Throws: `misconfigured` for what is missing, and for ways to log in that only `kubectl` has.
  package func access(context name: String?) throws(Failure) -> KubernetesAccess {
    let wanted = name ?? document.current ?? ""
    let context = try found(wanted, in: document.contexts, "context").context
    let cluster = try found(context.cluster, in: document.clusters, "cluster").cluster
    let user = try found(context.user, in: document.users, "user").user
    try check(cluster, context.cluster)
    try check(user, context.user)
    return KubernetesAccess(
      server: cluster.server.hasSuffix("/") ? String(cluster.server.dropLast()) : cluster.server,
      tls: cluster.server.hasPrefix("https:") ? try tls(cluster, user) : nil,
      credentials: credentials(user), namespace: context.namespace)
  }

  private func found<Entry: Named>(_ name: String, in entries: [Entry]?, _ what: String) throws(Failure) -> Entry {
    if let entry = entries?.first(where: { $0.name == name }) { return entry }
    let names = (entries ?? []).map(\.name).joined(separator: ", ").excerpt(200)
    throw Failure(
      .misconfigured, "\(path) has no \(what) \"\(name.excerpt(80))\"; it has \(names.isEmpty ? "none" : names)")
  }

  private func check(_ cluster: Document.Cluster, _ name: String) throws(Failure) {
    let attempt = "\(path): the cluster \"\(name.excerpt(80))\""
    if cluster.insecure == true {
      throw Failure(.misconfigured, "\(attempt) has insecure-skip-tls-verify; name its certificate-authority instead")
    }
    if cluster.proxy != nil { throw Failure(.misconfigured, "\(attempt) has a proxy-url, which Headgate does not use") }
    if cluster.serverName != nil {
      throw Failure(.misconfigured, "\(attempt) has a tls-server-name; use a server name that its certificate has")
    }
    guard cluster.server.hasPrefix("https://") || cluster.server.hasPrefix("http://") else {
      throw Failure(
        .misconfigured, "\(attempt) has the server \"\(cluster.server.excerpt(80))\", where a URL is needed")
    }
  }

  private func check(_ user: Document.User, _ name: String) throws(Failure) {
    let mend = "use a service account's token (`kubectl create token`) or a client certificate"
    let attempt = "\(path): the user \"\(name.excerpt(80))\""
    if let exec = user.exec {
      let program = exec.command.excerpt(80)
      throw Failure(
        .misconfigured, "\(attempt) logs in by a program (`exec: \(program)`), which Headgate does not run; \(mend)")
    }
    if user.provider != nil {
      throw Failure(.misconfigured, "\(attempt) logs in by an auth-provider, which only old kubectl knows; \(mend)")
    }
    if user.username != nil {
      throw Failure(.misconfigured, "\(attempt) logs in by a password, which API servers no longer take; \(mend)")
    }
  }

  private func tls(_ cluster: Document.Cluster, _ user: Document.User) throws(Failure) -> HTTPTLS {
    HTTPTLS(
      authority: try pem(cluster.authorityData, cluster.authority, "certificate-authority-data"),
      certificate: try pem(user.certificateData, user.certificate, "client-certificate-data"),
      key: try pem(user.keyData, user.key, "client-key-data"))
  }

  /// What is in the file itself stands over what it names.
  private func pem(_ encoded: String?, _ file: String?, _ what: String) throws(Failure) -> HTTPTLS.PEM? {
    if let encoded {
      guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters), !data.isEmpty else {
        throw Failure(.misconfigured, "\(path): the \(what) is no base64")
      }
      return .bytes(Array(data))
    }
    return file.map { .file(resolved($0)) }
  }

  private func credentials(_ user: Document.User) -> HTTPCredentials {
    if let file = user.tokenFile { return KubernetesAccess.token(in: resolved(file)) }
    guard let token = user.token else { return .none }
    return KubernetesAccess.bearer { token }
  }

  /// Relative paths are relative to the kubeconfig.
  private func resolved(_ file: String) -> String {
    if file.hasPrefix("/") { return file }
    return "\(path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))/\(file)"
  }
}

private protocol Named { var name: String { get } }

extension Kubeconfig {
  fileprivate struct Document: Decodable {
    var current: String?
    var clusters: [NamedCluster]?
    var users: [NamedUser]?
    var contexts: [NamedContext]?

    enum CodingKeys: String, CodingKey {
      case current = "current-context"
      case clusters, users, contexts
    }

    struct NamedCluster: Decodable, Named {
      var name: String
      var cluster: Cluster
    }
    struct NamedUser: Decodable, Named {
      var name: String
      var user: User
    }
    struct NamedContext: Decodable, Named {
      var name: String
      var context: Context
    }

    struct Context: Decodable {
      var cluster: String
      var user: String
      var namespace: String?
    }

    struct Cluster: Decodable {
      var server: String
      var authority: String?
      var authorityData: String?
      var insecure: Bool?
      var proxy: String?
      var serverName: String?

      enum CodingKeys: String, CodingKey {
        case server
        case authority = "certificate-authority"
        case authorityData = "certificate-authority-data"
        case insecure = "insecure-skip-tls-verify"
        case proxy = "proxy-url"
        case serverName = "tls-server-name"
      }
    }

    struct User: Decodable {
      var token: String?
      var tokenFile: String?
      var certificate: String?
      var certificateData: String?
      var key: String?
      var keyData: String?
      var username: String?
      var exec: Exec?
      var provider: Provider?

      enum CodingKeys: String, CodingKey {
        case token, tokenFile, username, exec
        case certificate = "client-certificate"
        case certificateData = "client-certificate-data"
        case key = "client-key"
        case keyData = "client-key-data"
        case provider = "auth-provider"
      }
    }

    struct Exec: Decodable { var command: String }
    struct Provider: Decodable { var name: String }
  }
}
