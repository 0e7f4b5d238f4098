import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any Notifier> {
  /// Anything that takes a POST: Slack, Teams, and whatever understands plain JSON.
  package static var webhook: Self {
    Self(
      kind: BackendKind(
        name: "webhook", port: .notification, about: "Posts a notice to a web address.",
        settings: SettingsSchema(
          [
            .init("url", .text, .url, about: "Such as http://chat:8065/hooks/deploys; or give `secretUrl`."),
            .init("secretUrl", .secret, about: "The address, where knowing it is enough to post, as with Slack."),
            .init(
              "shape", .oneOf(WebhookShape.allCases.map(\.rawValue)),
              about: "How the body is made; json unless given."),
            .init(
              "signature", .secret,
              about: "Key to sign each notice with (Standard Webhooks: HMAC-SHA256 over id, time and body)."),
          ], rules: [.oneOf(["url", "secretUrl"])]) + HTTPSettings.withoutURL + NoticeTemplates.settings)
    ) { backend, context throws(Failure) in try WebhookNotifier(backend, context) }
  }
}
