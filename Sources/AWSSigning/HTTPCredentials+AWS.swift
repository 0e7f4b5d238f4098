package import BackendHTTP
import Foundation
package import PipelineModel

/// Where the keys of an AWS account are: names of secrets.
package struct AWSKeys: Hashable, Sendable {
  package var accessKey: String
  package var secretKey: String
  /// For temporary credentials.
  package var sessionToken: String?

  package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
  }

  /// - Throws: `misconfigured` when one is missing.
  package init(_ settings: Settings) throws(Failure) {
    guard let access = settings.secret("accessKey"), let secret = settings.secret("secretKey") else {
      throw Failure(.misconfigured, "`accessKey` and `secretKey` are needed, each as { secret: … }")
    }
    self.init(accessKey: access, secretKey: secret, sessionToken: settings.secret("sessionToken"))
  }
}

extension HTTPCredentials {
  /// Signs each request with Signature Version 4.
  package static func aws(
    _ keys: AWSKeys, region: String, service: String, now: @escaping @Sendable () -> Timestamp,
    _ read: @escaping SecretReader
  ) -> HTTPCredentials {
    aws(.keys(keys), region: region, service: service, now: now, read)
  }

  /// The same with keys from wherever they come.
  package static func aws(
    _ source: AWSSource, region: String, service: String, now: @escaping @Sendable () -> Timestamp,
    _ read: @escaping SecretReader
  ) -> HTTPCredentials {
    HTTPCredentials { call, base throws(Failure) in
      let identity = try await source.identity(read)
      var headers = [HTTPCall.Field("X-Amz-Date", amazonDate(now()))]
      var secrets = [identity.secretKey]
      if let token = identity.sessionToken {
        headers.append(.init("X-Amz-Security-Token", token))
        secrets.append(token)
      }
      let signature = AWSSignature(
        accessKey: identity.accessKey, secretKey: identity.secretKey, region: region, service: service,
        date: headers[0].value)
      let request = AWSSignature.Request(call, at: base, adding: headers)
      headers.append(.init("Authorization", signature.authorization(of: request)))
      return Grant(headers: headers, secrets: secrets + [signature.signature(of: request)])
    }
  }
}

/// `20150830T123600Z`
func amazonDate(_ time: Timestamp) -> String {
  var bytes: [UInt8] = []
  time.appendRFC3339(to: &bytes)
  let digits = String(decoding: bytes, as: UTF8.self).filter { $0 != "-" && $0 != ":" }
  return "\(digits.prefix(15))Z"
}

extension AWSSignature.Request {
  /// What of a call is signed: its host, its content type and all of AWS's own headers.
  init(_ call: HTTPCall, at base: String, adding more: [HTTPCall.Field]) {
    let url = URLComponents(string: call.url(at: base))
    let isDefault = url?.port == nil || url?.port == (url?.scheme?.lowercased() == "https" ? 443 : 80)
    let host = (url?.percentEncodedHost ?? "") + (isDefault ? "" : ":\(url?.port ?? 0)")
    let signed = (call.headers + more).filter {
      $0.name.lowercased() == "content-type" || $0.name.lowercased().hasPrefix("x-amz-")
    }
    self.init(
      method: call.method.rawValue, path: url?.percentEncodedPath ?? "", query: url?.percentEncodedQuery ?? "",
      headers: [("Host", host)] + signed.map { ($0.name, $0.value) }, body: call.body ?? Data())
  }
}
