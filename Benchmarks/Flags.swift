import Flags
import Foundation
import PipelineModel

/// Ten thousand flags, each a constraint on the country and then a percentage by user: loading them, and one evaluation
/// including the search for its flag, over users with eight attributes; beside it Unleash's native engine, whose C
/// interface takes the user as JSON. Evaluated are one flag again and again, as a service does on its way, and another flag
/// each time, where memory is what takes the time.
func measureFlags() throws -> [Figure] {
  let text = flagDefinitions(10_000)
  var set: FlagSet?
  let loading = (0..<5).map { _ in Spent.on { set = FlagSet.read(text).set }.cpu * 1e3 }
  guard let set, set.flags.count == 10_000 else { throw Unexpected("the flags were not read") }
  let keys = set.flags.map(\.key)
  let users = (0..<64).map(flagUser)
  let now = Timestamp(milliseconds: 1_795_262_400_000)
  let rounds = 400_000
  func evaluation(_ key: (Int) -> Int) throws -> Double {
    var matched = 0
    let nanoseconds = (0..<7).map { _ in
      Spent.on {
        for round in 0..<rounds {
          let resolution = set.resolve(keys[key(round)], users[round & 63], at: now)
          if resolution.reason == .targetingMatch { matched += 1 }
        }
      }.cpu / Double(rounds) * 1e9
    }
    guard matched > rounds, matched < 7 * rounds else { throw Unexpected("\(matched) evaluations matched") }
    return nanoseconds.median
  }
  let again = try evaluation { _ in 4711 }
  let another = try evaluation { $0 &* 7919 % keys.count }
  return [
    Figure(name: "flags/10 000 flags loaded", value: loading.median, unit: "ms CPU", goal: "<= 200"),
    Figure(
      name: "flags/one constraint and percentage", value: again, unit: "ns CPU",
      peer: Peer.measure("yggdrasil.py").map { ("yggdrasil-engine through C", $0) }, goal: "<= 200"),
    Figure(name: "flags/the same, another flag each time", value: another, unit: "ns CPU", goal: "-"),
  ] + allocations(set, keys, users, now)
}

/// How often an evaluation asks for memory; told only when what counts it is loaded, as `script/bench` does.
private func allocations(_ set: FlagSet, _ keys: [String], _ users: [JSONObject], _ now: Timestamp) -> [Figure] {
  guard let symbol = dlsym(nil, "headgate_allocations") else {
    print("# allocations of flags not counted: what counts them is not loaded; script/bench loads it")
    return []
  }
  let count = unsafeBitCast(symbol, to: (@convention(c) () -> UInt).self)
  let rounds = 100_000
  var matched = 0
  let before = count()
  for round in 0..<rounds {
    if set.resolve(keys[round % keys.count], users[round & 63], at: now).reason == .targetingMatch { matched += 1 }
  }
  let asked = count() - before
  precondition(matched > 0)
  return [
    Figure(name: "flags/allocations of one evaluation", value: Double(asked) / Double(rounds), unit: "", goal: "0")
  ]
}

func flagDefinitions(_ count: Int) -> [UInt8] {
  let flags = (0..<count).map { number in
    """
    "checkout-flag-\(number)": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
      "targeting": {"if": [{"in": [{"var": "country"}, ["de", "at", "ch"]]},
                           {"fractional": [["on", \(number % 100)], ["off", 100]]}, null]}}
    """
  }
  return Array("{\"flags\": {\(flags.joined(separator: ",\n"))}}".utf8)
}

private func flagUser(_ number: Int) -> JSONObject {
  JSONObject([
    ("targetingKey", .text("5c3d8535-f81a-4478-a6d3-\(100_000_000_000 + number)")),
    ("country", .text(["de", "fr", "ch", "us"][number % 4])), ("email", .text("user-\(number)@example.com")),
    ("tier", .text("gold")), ("age", .number(Double(number % 90))), ("beta", .bool(number % 2 == 0)),
    ("app", .text("checkout")), ("version", .text("2.\(number % 20).1")),
  ])
}
