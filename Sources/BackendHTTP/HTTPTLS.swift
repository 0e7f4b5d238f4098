import Foundation
package import NIOSSL
package import PipelineModel
import Synchronization

/// Whom a client trusts, and how it shows who it is by a certificate. Files and secrets are read anew for each request.
package struct HTTPTLS: Sendable {
  /// Certificates or a key in PEM.
  package enum PEM: Hashable, Sendable {
    case file(String)
    case bytes([UInt8])
    /// The name of a secret.
    case secret(String)
  }

  /// The only authorities that are trusted; `nil`: those of the system.
  package var authority: PEM?
  /// The client's certificate, its issuers behind it.
  package var certificate: PEM?
  package var key: PEM?
  private let made = Made()

  package init(authority: PEM? = nil, certificate: PEM? = nil, key: PEM? = nil) {
    self.authority = authority
    self.certificate = certificate
    self.key = key
  }

  /// - Throws: `misconfigured` when a file cannot be read or has nothing of what it should.
  package func configuration(_ read: HTTPCredentials.SecretReader) async throws(Failure) -> TLSConfiguration {
    let texts = [
      try await bytes(of: authority, read), try await bytes(of: certificate, read), try await bytes(of: key, read),
    ]
    if let configuration = made.last(of: texts) { return configuration }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if let authority = texts[0] {
      configuration.trustRoots = .certificates(try Self.certificates(authority, "the authority's certificate"))
    }
    if let certificate = texts[1], let key = texts[2] {
      let chain = try Self.certificates(certificate, "the client's certificate")
      configuration.certificateChain = chain.map { .certificate($0) }
      configuration.privateKey = .privateKey(try Self.key(key))
    }
    made.keep(configuration, of: texts)
    return configuration
  }

  private func bytes(of source: PEM?, _ read: HTTPCredentials.SecretReader) async throws(Failure) -> [UInt8]? {
    switch source {
    case nil: return nil
    case .bytes(let bytes)?: return bytes
    case .secret(let name)?: return Array(try await read(name).utf8)
    case .file(let path)?:
      guard let data = FileManager.default.contents(atPath: path) else {
        throw Failure(.misconfigured, "the file \(path), named under `tls`, cannot be read")
      }
      return Array(data)
    }
  }

  private static func certificates(_ bytes: [UInt8], _ what: String) throws(Failure) -> [NIOSSLCertificate] {
    guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
      throw Failure(.misconfigured, "\(what), named under `tls`, is no certificate in PEM")
    }
    return found
  }

  private static func key(_ bytes: [UInt8]) throws(Failure) -> NIOSSLPrivateKey {
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw Failure(.misconfigured, "the client's key, named under `tls`, is no unencrypted key in PEM")
    }
    return key
  }

  /// The last configuration and what it was made from: certificates are read anew, and parsed when they have changed.
  private final class Made: Sendable {
    private let kept = Mutex<(texts: [[UInt8]?], configuration: TLSConfiguration)?>(nil)

    func last(of texts: [[UInt8]?]) -> TLSConfiguration? {
      kept.withLock { kept in kept?.texts == texts ? kept?.configuration : nil }
    }

    func keep(_ configuration: TLSConfiguration, of texts: [[UInt8]?]) {
      kept.withLock { $0 = (texts, configuration) }
    }
  }
}
