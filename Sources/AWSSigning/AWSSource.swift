import BackendHTTP
import Foundation
package import PipelineModel
package import PluginKit

/// Where the keys of an AWS account come from.
package enum AWSSource: Sendable {
  case keys(AWSKeys)
  case role(AWSRole)

  /// The settings it is read from.
  package static let settings = SettingsSchema(
    [
      .init(
        "credentials", .oneOf(["keys", "instance", "container"]),
        about: "Whose they are: `accessKey` and `secretKey`, the machine's role, the container's; keys unless given."),
      .init("accessKey", .secret, about: "Access key id of the AWS account."),
      .init("secretKey", .secret, about: "Secret access key of the AWS account."),
      .init("sessionToken", .secret, about: "Session token, for temporary credentials."),
      .init("credentialsUrl", .text, about: "Where the role's keys are told, where it is not AWS's own place."),
    ], rules: SettingsRule.together("accessKey", "secretKey") + [.needs("sessionToken", "accessKey")])

  /// What a region's name looks like.
  package static let region = SettingFormat.matching(
    "[a-z0-9-]+", example: "eu-central-1", help: "write one such as `eu-central-1`")

  /// - Throws: `misconfigured` when something is missing.
  package init(
    _ backend: Backend, _ context: BackendContext,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Failure) {
    let url = backend.settings.text("credentialsUrl")
    switch backend.settings.text("credentials") {
    case "instance":
      let place = AWSRole.Place.instance(url: url ?? "http://169.254.169.254")
      self = .role(AWSRole(place, name: backend.name, now: context.now))
    case "container":
      // The environment is that of the container.
      let given = context.onlyChecks ? url ?? "http://169.254.170.2" : url
      self = .role(AWSRole(try Self.container(given, environment), name: backend.name, now: context.now))
    default: self = .keys(try AWSKeys(backend.settings))
    }
  }

  /// As ECS and EKS tell it, in the environment.
  private static func container(
    _ url: String?, _ environment: [String: String]
  ) throws(Failure) -> AWSRole.Place {
    let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].map { "http://169.254.170.2\($0)" }
    guard let url = url ?? relative ?? environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else {
      throw Failure(
        .misconfigured,
        "`credentials: container` needs AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI in the environment, or "
          + "`credentialsUrl`")
    }
    let token =
      environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"].map(AWSRole.Token.file)
      ?? environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"].map(AWSRole.Token.value)
    return .container(url: url, token: token)
  }

  func identity(_ read: HTTPCredentials.SecretReader) async throws(Failure) -> AWSIdentity {
    switch self {
    case .keys(let keys):
      var identity = AWSIdentity(
        accessKey: try await HTTPCredentials.value(of: keys.accessKey, read),
        secretKey: try await HTTPCredentials.value(of: keys.secretKey, read))
      if let token = keys.sessionToken { identity.sessionToken = try await HTTPCredentials.value(of: token, read) }
      return identity
    case .role(let role): return try await role.identity()
    }
  }
}
