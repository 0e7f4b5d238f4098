import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import PipelineModel
import PluginKit

/// One delivery: greeting, encryption, login, mail, farewell (RFC 5321, 3207, 4954).
struct SMTPDialogue: Sendable {
  struct Login: Sendable {
    var user: String
    var password: String
  }

  var host: String
  var port: Int
  var encryption: SMTPNotifier.Encryption
  var tls: TLSConfiguration?
  var login: Login?

  /// True on return: the server has taken the mail.
  func deliver(_ message: SMTPMessage) async throws {
    let channel = try await connect()
    try await channel.executeThenClose { inbound, outbound in
      var line = SMTPLine(replies: inbound.makeAsyncIterator(), outbound: outbound)
      _ = try await line.reply(220)
      var offers = try await line.greet()
      if encryption == .starttls {
        guard offers.contains("STARTTLS") else {
          throw Failure(.misconfigured, "the server offers no STARTTLS; set `tls` to what it speaks")
        }
        _ = try await line.ask("STARTTLS", 220)
        try await encrypt(channel.channel)
        // What was said before the encryption counts for nothing.
        offers = try await line.greet()
      }
      if let login { try await line.log(in: login, offers) }
      _ = try await line.ask("MAIL FROM:<\(message.from)>", 250)
      for address in message.to { _ = try await line.ask("RCPT TO:<\(address)>", 250, 251) }
      _ = try await line.ask("DATA", 354)
      _ = try await line.ask(message.text + ".", 250)
      // The mail is taken, whatever becomes of the farewell.
      _ = try? await line.ask("QUIT", 221)
    }
  }

  private func connect() async throws -> NIOAsyncChannel<SMTPReply, ByteBuffer> {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: host, port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        if encryption == .implicit { try channel.pipeline.syncOperations.addHandler(try handler()) }
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(SMTPReplyDecoder()))
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
      }
    }
  }

  private func encrypt(_ channel: any Channel) async throws {
    try await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(try handler(), position: .first)
    }.get()
  }

  private func handler() throws -> NIOSSLClientHandler {
    let context = try NIOSSLContext(configuration: tls ?? .makeClientConfiguration())
    // An address is no name to ask for.
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
  }
}

/// The client's side of a dialogue: a line out, a reply in.
private struct SMTPLine {
  var replies: NIOAsyncChannelInboundStream<SMTPReply>.AsyncIterator
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

  mutating func greet() async throws -> Set<String> {
    let reply = try await ask("EHLO \(Self.ownName)", 250)
    return Set(reply.lines.dropFirst().map { $0.uppercased() })
  }

  mutating func log(in login: SMTPDialogue.Login, _ offers: Set<String>) async throws {
    let ways = offers.first { $0.hasPrefix("AUTH") }?.split(separator: " ").dropFirst() ?? []
    if ways.contains("PLAIN") {
      _ = try await ask("AUTH PLAIN \(Self.encoded("\0\(login.user)\0\(login.password)"))", 235)
    } else if ways.contains("LOGIN") {
      _ = try await ask("AUTH LOGIN", 334)
      _ = try await ask(Self.encoded(login.user), 334)
      _ = try await ask(Self.encoded(login.password), 235)
    } else {
      throw Failure(.misconfigured, "the server takes no password by PLAIN or LOGIN")
    }
  }

  mutating func ask(_ line: String, _ wanted: Int...) async throws -> SMTPReply {
    try await outbound.write(ByteBuffer(string: line + "\r\n"))
    return try await reply(wanted)
  }

  mutating func reply(_ wanted: Int...) async throws -> SMTPReply { try await reply(wanted) }

  private mutating func reply(_ wanted: [Int]) async throws -> SMTPReply {
    guard let reply = try await replies.next() else {
      throw Failure(.transient, "the server closed the connection")
    }
    guard wanted.contains(reply.code) else { throw SMTPRefusal(reply: reply) }
    return reply
  }

  private static func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  /// What follows EHLO: any name that is one.
  private static let ownName = "headgate.localdomain"
}
