import Foundation
import PipelineModel

/// Who signs: keys as they are now.
struct AWSIdentity: Hashable, Sendable {
  var accessKey: String
  var secretKey: String
  var sessionToken: String?
  /// When the keys stop being good; `nil`: not by themselves.
  var until: Timestamp?
}

extension AWSIdentity {
  /// Temporary keys, as AWS's metadata service and container agents tell them.
  private struct Told: Decodable {
    var accessKeyId: String
    var secretAccessKey: String
    var token: String?
    var expiration: String?

    enum CodingKeys: String, CodingKey {
      case accessKeyId = "AccessKeyId"
      case secretAccessKey = "SecretAccessKey"
      case token = "Token"
      case expiration = "Expiration"
    }
  }

  /// - Throws: `transient` when it is no such document: a role that was just given shows up a moment later.
  init(json: Data) throws(Failure) {
    guard let told = try? JSONDecoder().decode(Told.self, from: json) else {
      throw Failure(.transient, "it tells no credentials; has the machine or container a role?")
    }
    accessKey = told.accessKeyId
    secretKey = told.secretAccessKey
    sessionToken = told.token
    until = try told.expiration.map { (text) throws(Failure) in try Self.time(text) }
  }

  /// `2026-11-21T16:00:00Z`, as AWS writes it.
  private static func time(_ text: String) throws(Failure) -> Timestamp {
    let forms = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
    guard let date = forms.lazy.compactMap({ try? Date(text, strategy: $0) }).first else {
      throw Failure(.transient, "it does not tell when its credentials lapse")
    }
    return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
  }
}
