import Foundation
import PipelineModel
import PluginKit

/// A notice as a mail (RFC 5322, MIME): plain text in UTF-8, written so that every server lets it through unchanged.
struct SMTPMessage: Sendable {
  var from: String
  var to: [String]
  /// Headers and body, lines ended by CRLF. The body is Base64, so no line of it begins with a dot.
  var text: String

  init(_ notice: Notice, from: String, to: [String]) {
    self.from = from
    self.to = to
    let domain = from.split(separator: "@").last.map(String.init) ?? "headgate"
    var headers = [
      "From: Headgate <\(from)>", "To: \(to.joined(separator: ",\r\n "))", "Subject: \(Self.encodedWord(notice.title))",
      "Date: \(Self.date(notice.time))", "Message-ID: <\(Self.atom(notice.key))@\(domain)>",
      // All mails of a run stand under one that need not exist.
      "In-Reply-To: <\(Self.atom(notice.thread))@\(domain)>", "References: <\(Self.atom(notice.thread))@\(domain)>",
      "Auto-Submitted: auto-generated", "X-Headgate-Event: \(notice.event.rawValue)", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
    ]
    if notice.severity == .critical { headers.append("Importance: high") }
    text = headers.joined(separator: "\r\n") + "\r\n\r\n" + Self.body(notice) + "\r\n"
  }

  private static func body(_ notice: Notice) -> String {
    var lines = [notice.title, ""]
    if !notice.text.isEmpty { lines += notice.text.split(whereSeparator: \.isNewline).map(String.init) + [""] }
    lines += notice.fields.map { "\($0.name): \($0.value)" }
    if let runbook = notice.runbook { lines.append("runbook: \(runbook)") }
    return Data(lines.joined(separator: "\r\n").utf8).base64EncodedString(options: [
      .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
    ])
  }

  /// RFC 2047: words that fit on a line behind `Subject:`, none of which splits a character.
  static func encodedWord(_ text: String) -> String {
    let plain = text.excerpt(300)
    if plain.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }), plain.utf8.count <= 60, !plain.contains("=?") { return plain }
    var words: [String] = []
    var word = ""
    for character in plain {
      if (word + String(character)).utf8.count > 36 {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    return (words + [word]).map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
  }

  /// What may stand in a message's id.
  private static func atom(_ key: String) -> String {
    String(
      key.map { character in
        character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
      })
  }

  /// `Sat, 21 Nov 2026 14:02:11 +0000`
  static func date(_ time: Timestamp) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss"
    return formatter.string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)) + " +0000"
  }
}
