import BackendHTTP
import PipelineModel
package import PluginKit

extension BackendFactory<any Notifier> {
  /// Mail, by way of any SMTP server.
  package static var smtp: Self {
    Self(
      kind: BackendKind(
        name: "smtp", port: .notification, about: "Sends a notice as a mail.",
        settings: SettingsSchema(
          [
            .init("host", .text, required: true, about: "Name of the mail server."),
            .init(
              "port", .number, .port, about: "Unless given 587, or 465 with `tls: implicit`, or 25 with `tls: none`."),
            .init(
              "from", .text, SMTPNotifier.address, required: true,
              about: "Sender's address, such as headgate@example.com."),
            .init("to", .list(.text), SMTPNotifier.address, required: true, about: "Addresses of those who are told."),
            .init(
              "tls", .oneOf(SMTPNotifier.Encryption.allCases.map(\.rawValue)),
              about: "starttls (the default; it must succeed), implicit, or none."),
            .init("ca", .text, about: "File of the only authorities to trust, in PEM; the system's unless given."),
            .init("user", .text, about: "Name to log in with; needs `password`."),
            .init("password", .secret, about: "Password to log in with; sent only when the connection is encrypted."),
          ], rules: SettingsRule.together("user", "password")) + NoticeTemplates.settings)
    ) { backend, context throws(Failure) in try SMTPNotifier(backend, context) }
  }
}
