import Crypto
package import PipelineModel
import Synchronization

/// The tokens that are known, and what each may do. Keeps their hashes, not their values.
package final class TokenBook: Sendable {
  private struct Entry: Sendable {
    var hash: [UInt8]
    var caller: Caller
    var index: Int
  }

  private let entries: [Entry]
  /// How many requests each may make now, and as of when.
  private let allowances: Mutex<[Allowance]>

  private struct Allowance {
    var left: Double
    var since: Timestamp
  }

  /// Shorter ones could be guessed.
  package static let least = 16

  /// Why a value is refused as a token.
  package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  /// - Parameter values: of each token, in the order of `tokens`.
  package init(_ tokens: [Serving.Token], values: [String]) throws(Refusal) {
    precondition(tokens.count == values.count, "each token has a value")
    var entries: [Entry] = []
    for (index, (token, value)) in zip(tokens, values).enumerated() {
      guard value.utf8.count >= Self.least else {
        throw Refusal(
          description: "the token \"\(token.name)\" has \(value.utf8.count) bytes, and one of fewer than \(Self.least) "
            + "can be guessed; make a longer one, for example with `openssl rand -hex 32`")
      }
      let hash = Array(SHA256.hash(data: Array(value.utf8)))
      if let other = entries.first(where: { $0.hash == hash }) {
        throw Refusal(
          description:
            "the tokens \"\(other.caller.name)\" and \"\(token.name)\" have the same value; give each its own")
      }
      entries.append(Entry(hash: hash, caller: Caller(token, value: value), index: index))
    }
    self.entries = entries
    allowances = Mutex(tokens.map { Allowance(left: Double($0.rate ?? 0), since: Timestamp(milliseconds: 0)) })
  }

  /// Nobody is known, and whoever reaches the server may look.
  package var isEmpty: Bool { entries.isEmpty }

  /// Whose token this is. Takes as long whichever it is, and whether it is one.
  func caller(presenting value: String) -> Caller? {
    let hash = Array(SHA256.hash(data: Array(value.utf8)))
    var found: Caller?
    for entry in entries {
      var difference: UInt8 = 0
      for place in hash.indices { difference |= hash[place] ^ entry.hash[place] }
      if difference == 0 { found = entry.caller }
    }
    return found
  }

  /// Whose ticket this is, for the stream of an environment.
  func caller(withTicket ticket: String, for environment: String) -> Caller? {
    var found: Caller?
    for entry in entries {
      guard let wanted = entry.caller.ticket(for: environment) else { continue }
      let (a, b) = (Array(SHA256.hash(data: Array(wanted.utf8))), Array(SHA256.hash(data: Array(ticket.utf8))))
      var difference: UInt8 = 0
      for place in a.indices { difference |= a[place] ^ b[place] }
      if difference == 0 { found = entry.caller }
    }
    return found
  }

  /// Takes one request from what a caller may make in a second; what is not used is not saved up.
  ///
  /// - Returns: `false` when there is none left.
  func admit(_ caller: Caller, at now: Timestamp) -> Bool {
    guard let rate = caller.rate, let index = entries.first(where: { $0.caller.name == caller.name })?.index else {
      return true
    }
    return allowances.withLock { allowances in
      let passed = max(0, (now - allowances[index].since).milliseconds)
      let left = min(Double(rate), allowances[index].left + Double(rate) * Double(passed) / 1000)
      allowances[index] = Allowance(left: left >= 1 ? left - 1 : left, since: now)
      return left >= 1
    }
  }
}
