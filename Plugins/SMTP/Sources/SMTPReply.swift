import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import PipelineModel
import PluginKit

/// What the server answers: three digits, and a text of one line or more.
struct SMTPReply: Hashable, Sendable {
  var code: Int
  var lines: [String]
}

/// A reply that was not wanted.
struct SMTPRefusal: Error {
  var reply: SMTPReply
}

/// Bytes → replies. A reply's lines have a hyphen behind the code, except for the last.
struct SMTPReplyDecoder: ByteToMessageDecoder {
  typealias InboundOut = SMTPReply

  /// RFC 5321 allows 512 bytes; more is given, but not without end.
  private static let longestLine = 4096
  private static let mostLines = 200
  private var lines: [String] = []

  mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
    guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
      if buffer.readableBytes > Self.longestLine { throw Self.notSMTP }
      return .needMoreData
    }
    let bytes = buffer.readSlice(length: end - buffer.readerIndex + 1) ?? ByteBuffer()
    let line = String(decoding: bytes.readableBytesView, as: UTF8.self).trimmingCharacters(in: .newlines)
    guard line.utf8.count <= Self.longestLine, lines.count < Self.mostLines, let code = Int(line.prefix(3)),
      (200...599).contains(code)
    else { throw Self.notSMTP }
    lines.append(String(line.dropFirst(4)))
    if line.dropFirst(3).first == "-" { return .continue }
    context.fireChannelRead(wrapInboundOut(SMTPReply(code: code, lines: lines)))
    lines = []
    return .continue
  }

  mutating func decodeLast(
    context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
  ) throws -> DecodingState {
    while try decode(context: context, buffer: &buffer) == .continue {}
    return .needMoreData
  }

  private static let notSMTP = Failure(
    .misconfigured, "what answers there does not speak SMTP; are `host`, `port` and `tls` right?")
}

/// What it means that a mail was not taken.
func smtpFailure(_ error: any Error, hiding password: String?) -> Failure {
  switch error {
  case let failure as Failure: return failure
  case let refusal as SMTPRefusal: return Failure(refusal.kind, refusal.text(hiding: password))
  case let error as NIOSSLError: return encryptionFailure("\(error)")
  case let error as NIOSSLExtraError: return encryptionFailure("\(error)")
  case is BoringSSLError: return encryptionFailure("\(error)")
  case let error as NIOConnectionError:
    if let first = error.connectionErrors.first { return smtpFailure(first.error, hiding: password) }
    return Failure(.transient, "the name \(error.host) cannot be resolved")
  case let error as IOError: return Failure(.transient, String(cString: strerror(error.errnoCode)))
  case is CancellationError: return Failure(.transient, "given up")
  default: return Failure(.transient, "\(error)".excerpt(200))
  }
}

private func encryptionFailure(_ text: String) -> Failure {
  if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
    return Failure(
      .misconfigured,
      "its certificate is not one to trust: expired, for another name, or of another authority than `ca`")
  }
  if text.contains("WRONG_VERSION_NUMBER") {
    return Failure(.misconfigured, "what answers there does not speak TLS; is `tls` right?")
  }
  return Failure(.transient, "no TLS connection: \(text.excerpt(200))")
}

extension SMTPRefusal {
  /// 4yz is worth another try. Of 5yz, those about the login are for the operator, the others about the mail.
  fileprivate var kind: Failure.Kind {
    switch reply.code {
    case 400..<500: .transient
    case 530, 534, 535, 538: .misconfigured
    default: .rejected
    }
  }

  fileprivate func text(hiding password: String?) -> String {
    var said = reply.lines.joined(separator: " ")
    if let password, !password.isEmpty {
      for secret in [password, Data(password.utf8).base64EncodedString()] {
        said = said.replacing(secret, with: "***")
      }
    }
    return "the server said \(reply.code): \(said.excerpt(200))"
  }
}
