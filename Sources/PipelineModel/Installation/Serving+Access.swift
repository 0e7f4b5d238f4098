extension Serving {
  /// Where it listens.
  package struct Address: Hashable, Sendable, CustomStringConvertible {
    /// A name or a number; an IPv6 number without brackets.
    package var host: String
    /// 0: any that is free.
    package var port: Int

    package init(host: String, port: Int) {
      self.host = host
      self.port = port
    }

    package static let standard = Address(host: "127.0.0.1", port: 8710)

    /// `127.0.0.1:8710`, `localhost:0`, `[::1]:8710`; `nil` for anything else.
    package init?(_ text: String) {
      guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
        return nil
      }
      var host = text[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") {
        host = host.dropFirst().dropLast()
      } else if host.contains(":") {
        return nil
      }
      guard !host.isEmpty, host.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 }) else { return nil }
      self.init(host: String(host), port: Int(port))
    }

    /// Whether only programs of this machine can reach it.
    package var isLoopback: Bool {
      if host == "localhost" || host == "::1" { return true }
      let parts = host.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  /// What a client may do.
  package enum Scope: String, Hashable, Sendable, CaseIterable {
    /// Have flags evaluated.
    case evaluate
    /// Take the definitions, rules included, to evaluate them itself.
    case sync
    /// Look at flags, their history and the server's figures.
    case read
    /// Ask for changes, within the roles of who it acts as.
    case change
  }

  /// A client that is known by a secret.
  package struct Token: Hashable, Sendable {
    package var name: String
    /// The name of a secret; its value is read when the server begins.
    package var secret: String
    package var scopes: Set<Scope>
    /// Empty: every one.
    package var environments: [String]
    /// Whose name its acts bear; `nil`: its own, as `token:name`.
    package var person: String?
    /// Requests a second; `nil`: as many as it likes.
    package var rate: Int?

    package init(
      name: String, secret: String, scopes: Set<Scope>, environments: [String] = [], person: String? = nil,
      rate: Int? = nil
    ) {
      self.name = name
      self.secret = secret
      self.scopes = scopes
      self.environments = environments
      self.person = person
      self.rate = rate
    }

    package var principal: Principal { person.map(Principal.person) ?? Principal(kind: .token, name: name) }
  }
}
