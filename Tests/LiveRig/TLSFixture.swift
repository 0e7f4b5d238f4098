import Foundation
package import NIOSSL

/// Certificates for 127.0.0.1 and localhost, all by one authority that no system knows; good until 2120.
package enum TLSFixture: String, Sendable {
  case server, expired, client

  package static var authority: String { Rig.fixturePath("tls/authority.pem") }
  /// An authority that issued none of them.
  package static var stranger: String { Rig.fixturePath("tls/stranger.pem") }
  package var certificate: String { Rig.fixturePath("tls/\(rawValue).pem") }
  package var key: String { Rig.fixturePath("tls/\(rawValue).key") }

  /// A server that shows this certificate.
  ///
  /// - Parameter asking: whether it demands a certificate of its client.
  package func serving(asking: Bool = false) throws -> TLSConfiguration {
    let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    if asking {
      configuration.certificateVerification = .noHostnameVerification
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(Self.authority))
    }
    return configuration
  }

  package func keyText() throws -> String { try String(contentsOfFile: key, encoding: .utf8) }
}
