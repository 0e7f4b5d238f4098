import Crypto
package import Foundation

/// Signature Version 4 of a request to AWS, as AWS's general reference describes it, for all services but S3.
///
/// Pure: every value, the time too, is given. Each step is a value of its own, to be held against AWS's published ones.
package struct AWSSignature: Sendable {
  package struct Request: Sendable {
    package var method: String
    /// As it is sent; empty means `/`.
    package var path: String
    /// As it is sent, without the question mark.
    package var query: String
    /// Those to sign, `Host` and `X-Amz-Date` among them; a name may stand there more than once.
    package var headers: [(name: String, value: String)]
    package var body: Data

    package init(
      method: String, path: String, query: String = "", headers: [(name: String, value: String)], body: Data = Data()
    ) {
      self.method = method
      self.path = path
      self.query = query
      self.headers = headers
      self.body = body
    }
  }

  package var accessKey: String
  package var secretKey: String
  package var region: String
  /// As AWS calls it in credential scopes: `monitoring`, `elasticloadbalancing`.
  package var service: String
  /// The value of `X-Amz-Date`: `20150830T123600Z`.
  package var date: String

  package init(accessKey: String, secretKey: String, region: String, service: String, date: String) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.region = region
    self.service = service
    self.date = date
  }

  /// Value of the `Authorization` header.
  package func authorization(of request: Request) -> String {
    "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), SignedHeaders=\(request.signedHeaders), "
      + "Signature=\(signature(of: request))"
  }

  package func signature(of request: Request) -> String {
    Self.mac(signingKey, stringToSign(for: request)).hex
  }

  package func stringToSign(for request: Request) -> String {
    let hash = SHA256.hash(data: Data(request.canonical.utf8))
    return ["AWS4-HMAC-SHA256", date, scope, hash.hex].joined(separator: "\n")
  }

  /// The key that is good for one day, region and service.
  var signingKey: SymmetricKey {
    [String(date.prefix(8)), region, service, "aws4_request"].reduce(
      SymmetricKey(data: Data("AWS4\(secretKey)".utf8))
    ) { key, word in SymmetricKey(data: Self.mac(key, word)) }
  }

  private var scope: String { "\(date.prefix(8))/\(region)/\(service)/aws4_request" }

  private static func mac(_ key: SymmetricKey, _ text: String) -> HMAC<SHA256>.MAC {
    HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
  }
}

extension Sequence<UInt8> {
  var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
