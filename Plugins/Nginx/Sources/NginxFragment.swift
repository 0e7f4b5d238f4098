import PipelineModel
import PluginKit

/// The file that one route is in nginx's configuration.
struct NginxFragment: Hashable, Sendable {
  /// Its text, whole.
  var text: String
  /// The same for the same text: how nginx tells which text it runs.
  var generation: String
}

extension NginxRoute {
  /// What the route's file must say to do what is wished, and to tell so at `status`.
  func fragment(of name: String, _ wish: NginxWish, status: String) -> NginxFragment {
    let split = text(of: wish)
    let generation = Self.hash("\(name)\n\(status)\n\(wish.words)\n\(split)")
    let running = NginxRunning(route: name, wish: wish, generation: generation)
    let text = """
      # Written by Headgate for its route \(name), and replaced at each change of the weight.
      \(split)
      server {
        listen \(status);
        server_name \(NginxRunning.host(of: name));
        access_log off;
        keepalive_timeout 0;
        location / { default_type text/plain; return 200 "\(running.line)\\n"; }
      }

      """
    return NginxFragment(text: text, generation: generation)
  }

  /// What a file that was written here says; nothing of it where somebody else wrote it.
  static func wish(in text: String) -> NginxWish? {
    guard let start = text.firstRange(of: "return 200 \"headgate ") else { return nil }
    let line = "headgate " + text[start.upperBound...].prefix { $0 != "\\" && $0 != "\"" }
    return NginxRunning(line)?.wish
  }

  private func text(of wish: NginxWish) -> String {
    switch split {
    case .servers(let upstream, let directives): return servers(upstream, directives, wish.green)
    case .clients(let variable, let key): return clients(variable, key, wish)
    }
  }

  private func servers(_ upstream: String, _ directives: [String], _ share: Weight) -> String {
    let other = Weight(basisPoints: 10_000 - share.basisPoints)
    let divisor = Self.divisor(share.basisPoints, other.basisPoints)
    // Workers that share a zone share the count too, so that the split is exact whichever worker is asked.
    let zone = directives.contains { $0.hasPrefix("zone ") } ? [] : ["zone \(upstream) 64k"]
    let lines =
      zone + [server(blue, other.basisPoints / divisor), server(green, share.basisPoints / divisor)] + directives
    return "upstream \(upstream) {\n\(lines.map { "  \($0);\n" }.joined())}"
  }

  /// The variable, and another of its name with `_mirror` behind it, which is empty where nothing is copied.
  private func clients(_ variable: String, _ key: String, _ wish: NginxWish) -> String {
    let copied = wish.mirror.map { parts($0.share, of: name($0.slot), others: "\"\"") } ?? ["* \"\""]
    let mirror = Self.block("split_clients \"\(key) mirror\" $\(variable)_mirror", copied)
    // Green's part is always the first, so that who is in it stays in it while it grows.
    let shares = parts(wish.green, of: green, others: blue)
    guard let header = wish.header else {
      return Self.block("split_clients \"\(key)\" $\(variable)", shares) + "\n" + mirror
    }
    let field = header.header.lowercased().replacing("-", with: "_")
    // A plain text would be compared without regard to case.
    let value = header.value.replacing(".", with: "\\.").replacing("+", with: "\\+")
    let rule = ["\"~^\(value)$\" \(name(header.slot))", "default $\(variable)_split"]
    return [
      Self.block("split_clients \"\(key)\" $\(variable)_split", shares),
      Self.block("map $http_\(field) $\(variable)", rule), mirror,
    ].joined(separator: "\n")
  }

  private func name(_ slot: Slot) -> String { slot == .blue ? blue : green }

  private static func block(_ head: String, _ lines: [String]) -> String {
    "\(head) {\n\(lines.map { "  \($0);\n" }.joined())}"
  }

  /// nginx knows no weight of 0; what is down is asked for nothing.
  private func server(_ address: String, _ weight: Int) -> String {
    weight == 0 ? "server \(address) down" : "server \(address) weight=\(weight)"
  }

  private func parts(_ share: Weight, of first: String, others: String) -> [String] {
    switch share {
    case .none: return ["* \(others)"]
    case .all: return ["* \(first)"]
    default: return ["\(share.description) \(first)", "* \(others)"]
    }
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? max(a, 1) : divisor(b, a % b) }

  /// FNV-1a, 64 bits: enough to tell texts apart that one hand wrote.
  private static func hash(_ text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }
}

/// What a worker of nginx says it runs.
struct NginxRunning: Hashable, Sendable {
  var route: String
  var wish: NginxWish
  var generation: String

  /// The name a route's own server listens to, beside those of other routes at the same address.
  static func host(of route: String) -> String { "\(route).headgate" }

  /// `headgate route=shop green=2500 header=- mirror=- generation=4f2a9c1`.
  var line: String { "headgate route=\(route) \(wish.words) generation=\(generation)" }

  init(route: String, wish: NginxWish, generation: String) {
    self.route = route
    self.wish = wish
    self.generation = generation
  }

  /// `nil` when it is not such a line.
  init?(_ line: String) {
    let words = line.split(whereSeparator: \.isWhitespace)
    let names = ["route", "green", "header", "mirror", "generation"]
    guard words.first == "headgate", words.count == names.count + 1 else { return nil }
    var values: [String] = []
    for (name, word) in zip(names, words.dropFirst()) {
      guard word.hasPrefix("\(name)=") else { return nil }
      values.append(String(word.dropFirst(name.count + 1)))
    }
    guard let wish = NginxWish(green: values[1], header: values[2], mirror: values[3]) else { return nil }
    self.init(route: values[0], wish: wish, generation: values[4])
  }
}
