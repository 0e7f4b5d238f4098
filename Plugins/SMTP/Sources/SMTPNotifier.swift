import BackendHTTP
import PipelineModel
import PluginKit

/// Sends notices as mails: one connection, one mail each.
struct SMTPNotifier: Notifier {
  enum Encryption: String, CaseIterable, Sendable {
    case starttls, implicit, none

    var port: Int {
      switch self {
      case .starttls: 587
      case .implicit: 465
      case .none: 25
      }
    }
  }

  /// Name of the backend, and everything a dialogue needs but the password.
  var name: String
  var host: String
  var port: Int
  var from: String
  var to: [String]
  var encryption: Encryption
  var trust: HTTPTLS
  var user: String?
  var password: String?
  var templates: NoticeTemplates
  var secret: @Sendable (String) async throws(Failure) -> String

  init(_ backend: Backend, _ context: BackendContext) throws(Failure) {
    let settings = backend.settings
    func wrong(_ text: String) -> Failure { Failure(.misconfigured, "\(backend.name): \(text)") }
    name = backend.name
    host = settings.text("host") ?? ""
    encryption = settings.text("tls").flatMap(Encryption.init) ?? .starttls
    let number = settings.number("port") ?? Double(encryption.port)
    guard (1...65_535).contains(number), number == number.rounded() else {
      throw wrong("`port` must be from 1 to 65535")
    }
    port = Int(number)
    from = settings.text("from") ?? ""
    guard case .list(let addresses)? = settings["to"], !addresses.isEmpty else { throw wrong("`to` names nobody") }
    to = addresses.compactMap { if case .text(let address) = $0 { address } else { nil } }
    if let bad = ([from] + to).first(where: { !Self.isAddress($0) }) {
      throw wrong("\"\(bad.excerpt(80))\" is no address such as name@example.com, in ASCII and without a display name")
    }
    let authority = settings.text("ca").map { $0.hasPrefix("/") ? $0 : "\(context.baseDirectory)/\($0)" }
    trust = HTTPTLS(authority: authority.map { .file($0) })
    user = settings.text("user")
    password = settings.secret("password")
    guard (user == nil) == (password == nil) else { throw wrong("give `user` and `password` together, or neither") }
    if user != nil, encryption == .none {
      throw wrong("a password is sent only over an encrypted connection; set `tls` to starttls or implicit")
    }
    templates = try NoticeTemplates(backend)
    secret = context.secret
  }

  /// Of a sender or a receiver.
  static let address = SettingFormat.matching(
    "[\(plain)]+@[\(plain)]+", example: "oncall@example.com",
    help: "an address such as `oncall@example.com`, in ASCII and without a display name")

  private static let plain = "!#$%&'*+./0-9=?A-Z^_`a-z{|}~-"

  /// What may stand between `<` and `>` in a command, and in a header.
  static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
      && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !Array("<>()[],;:\\\"".utf8).contains($0) }
  }

  func send(_ notice: Notice) async throws(Failure) {
    let attempt = "\(name) could not deliver \"\(notice.title.excerpt(80))\" by \(host):\(port)"
    do throws(Failure) {
      let message = SMTPMessage(templates.retell(notice), from: from, to: to)
      let login = try await login()
      let dialogue = SMTPDialogue(
        host: host, port: port, encryption: encryption,
        tls: encryption == .none ? nil : try await trust.configuration(secret), login: login)
      let isDone: Bool?
      do {
        isDone = try await within(notice.timeout) {
          try await dialogue.deliver(message)
          return true
        }
      } catch {
        throw smtpFailure(error, hiding: login?.password)
      }
      if isDone == nil { throw Failure(.transient, "no answer within \(notice.timeout)") }
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  private func login() async throws(Failure) -> SMTPDialogue.Login? {
    guard let user, let password else { return nil }
    let text = try await secret(password)
    return .init(user: user, password: text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
  }
}
