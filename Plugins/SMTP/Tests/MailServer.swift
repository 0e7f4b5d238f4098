import Foundation
import Glibc
import LiveRig
import Testing

/// A mail server of its own, that keeps what it is sent.
struct MailServer: Sendable {
  struct Mail: Decodable {
    var from: String
    var to: [String]
    var data: String
    var secure: Bool
    var user: String?
  }

  let port: Int
  private let file: String

  /// The system's Python, where the packages of the system are.
  private static let python = "/usr/bin/python3"

  static var isInstalled: Bool {
    FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/aiosmtpd/__init__.py")
  }

  /// - Parameter certificate: what it shows, where it encrypts.
  init(_ mode: String, certificate: TLSFixture = .server, in rig: Rig) async throws {
    port = try Rig.freePort()
    file = try rig.write("", to: "mails-\(port).jsonl")
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/smtp.py").path
    _ = try await rig.start(
      "smtp-\(port)", Self.python, [script, "\(port)", mode, file, certificate.certificate, certificate.key])
    let port = port
    try await Rig.wait(for: "the mail server") { Self.answers(port) }
  }

  private static func answers(_ port: Int) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { list in
        list.baseAddress.map { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 } ?? false
      }
    }
  }

  func mails() throws -> [Mail] {
    try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Mail.self, from: Data($0.utf8))
    }
  }
}

extension MailServer.Mail {
  /// A header's value, folded lines joined.
  func header(_ name: String) -> String? {
    let head = data.components(separatedBy: "\r\n\r\n")[0].replacingOccurrences(of: "\r\n ", with: " ")
    let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
    return line.map { String($0.dropFirst(name.count + 2)) }
  }

  var body: String? {
    let parts = data.components(separatedBy: "\r\n\r\n")
    guard parts.count >= 2 else { return nil }
    return Data(base64Encoded: parts[1], options: .ignoreUnknownCharacters).map { String(decoding: $0, as: UTF8.self) }
  }
}
