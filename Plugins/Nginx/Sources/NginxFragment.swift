import PipelineModel

/// The file that one route is in nginx's configuration.
struct NginxFragment: Hashable, Sendable {
  /// Its text, whole.
  var text: String
  /// The same for the same text: how nginx tells which text it runs.
  var generation: String
}

extension NginxRoute {
  /// What the route's file must say to give slot green its share, and to tell so at `status`.
  func fragment(of name: String, green share: Weight, status: String) -> NginxFragment {
    let split = text(of: share)
    let generation = Self.hash("\(name)\n\(status)\n\(split)")
    let running = NginxRunning(route: name, green: share, generation: generation)
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

  private func text(of share: Weight) -> String {
    switch split {
    case .servers(let upstream, let directives):
      let other = Weight(basisPoints: 10_000 - share.basisPoints)
      let divisor = Self.divisor(share.basisPoints, other.basisPoints)
      // Workers that share a zone share the count too, so that the split is exact whichever worker is asked.
      let zone = directives.contains { $0.hasPrefix("zone ") } ? [] : ["zone \(upstream) 64k"]
      let lines =
        zone + [server(blue, other.basisPoints / divisor), server(green, share.basisPoints / divisor)] + directives
      return "upstream \(upstream) {\n\(lines.map { "  \($0);\n" }.joined())}"
    case .clients(let variable, let key):
      return "split_clients \"\(key)\" $\(variable) {\n\(parts(share).map { "  \($0);\n" }.joined())}"
    }
  }

  /// nginx knows no weight of 0; what is down is asked for nothing.
  private func server(_ address: String, _ weight: Int) -> String {
    weight == 0 ? "server \(address) down" : "server \(address) weight=\(weight)"
  }

  /// Green's part is always the first, so that who is in it stays in it while it grows.
  private func parts(_ share: Weight) -> [String] {
    switch share {
    case .none: return ["* \(blue)"]
    case .all: return ["* \(green)"]
    default: return ["\(share.description) \(green)", "* \(blue)"]
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
  var green: Weight
  var generation: String

  /// The name a route's own server listens to, beside those of other routes at the same address.
  static func host(of route: String) -> String { "\(route).headgate" }

  /// `headgate route=shop green=2500 generation=4f2a9c1`.
  var line: String { "headgate route=\(route) green=\(green.basisPoints) generation=\(generation)" }

  init(route: String, green: Weight, generation: String) {
    self.route = route
    self.green = green
    self.generation = generation
  }

  /// `nil` when it is not such a line.
  init?(_ line: String) {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 4, words[0] == "headgate", let route = Self.value("route", words[1]),
      let points = Self.value("green", words[2]).flatMap({ Int($0) }), (0...10_000).contains(points),
      let generation = Self.value("generation", words[3])
    else { return nil }
    self.init(route: route, green: Weight(basisPoints: points), generation: generation)
  }

  private static func value(_ name: String, _ word: Substring) -> String? {
    word.hasPrefix("\(name)=") ? String(word.dropFirst(name.count + 1)) : nil
  }
}
