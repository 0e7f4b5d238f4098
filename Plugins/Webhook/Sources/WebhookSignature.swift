import BackendHTTP
import Crypto
import Foundation
import PipelineModel
import PluginKit

/// The signature of Standard Webhooks 1.0: `v1,` and the Base64 of HMAC-SHA256 over `id.timestamp.body`.
enum WebhookSignature {
  /// - Parameter key: as the receiver knows it; behind `whsec_` it is Base64, otherwise the bytes of the text.
  static func of(id: String, seconds: String, body: Data, key: String) -> String? {
    guard let bytes = bytes(of: key), !bytes.isEmpty else { return nil }
    var signed = Data("\(id).\(seconds).".utf8)
    signed.append(body)
    let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: bytes))
    return "v1,\(Data(code).base64EncodedString())"
  }

  private static func bytes(of key: String) -> Data? {
    let prefix = "whsec_"
    return key.hasPrefix(prefix) ? Data(base64Encoded: String(key.dropFirst(prefix.count))) : Data(key.utf8)
  }

  /// Adds the header to a call that is about to be sent.
  static func credentials(_ secret: String, _ read: @escaping HTTPCredentials.SecretReader) -> HTTPCredentials {
    HTTPCredentials { call, _ throws(Failure) in
      let text = try await read(secret)
      let key = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
      guard
        let signature = of(
          id: call.header("webhook-id"), seconds: call.header("webhook-timestamp"), body: call.body ?? Data(), key: key)
      else {
        throw Failure(.misconfigured, "the secret \"\(secret)\" is no key to sign with")
      }
      return .init(headers: [.init("webhook-signature", signature)], secrets: [key])
    }
  }
}

extension HTTPCall {
  fileprivate func header(_ name: String) -> String {
    headers.first { $0.name.lowercased() == name }?.value ?? ""
  }
}
