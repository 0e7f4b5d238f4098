import PipelineModel
import PluginKit

/// A map from the values of one header to slots, which HAProxy's configuration looks up before it splits.
struct HAProxyHeaderMap: Hashable, Sendable {
  var header: String
  var map: String

  /// - Returns: `nil` where the route has none.
  /// - Throws: `misconfigured` when one of the two settings lacks the other.
  init?(_ settings: Settings, name: String) throws(Failure) {
    switch (settings.text("header"), settings.text("headers")) {
    case (nil, nil): return nil
    case (let header?, let map?):
      self.header = header
      self.map = map
    default:
      throw Failure(
        .misconfigured, "\(name): `header` (its name) and `headers` (the map of its values) belong together")
    }
  }

  /// Why the map cannot hold a rule; `nil` when it can.
  func refusal(of rule: HeaderRoute) -> String? {
    if let refusal = rule.refusal { return refusal }
    guard rule.header == header else {
      return "haproxy's configuration looks at the header \(header), not at \(rule.header); write it as `header` has it"
    }
    return nil
  }

  /// One line; every answer to it is empty when it was done. For a moment between the two nobody is routed by the header.
  func settingCommand(_ rule: HeaderRoute?) -> String {
    let clear = "clear map \(map)"
    guard let rule else { return clear }
    return "\(clear);add map \(map) \(rule.value.replacing(" ", with: "\\ ")) \(rule.slot.rawValue)"
  }

  var readingCommand: String { "show map \(map)" }

  /// The rule in an answer with lines such as `0x55d0 always green`.
  ///
  /// - Throws: `rejected` when HAProxy answered with a refusal, or the map holds what no rule is.
  func rule(in answer: String) throws(Failure) -> HeaderRoute? {
    let lines = answer.split(separator: "\n").map(String.init).filter { !$0.isEmpty }
    guard let line = lines.first else { return nil }
    let words = line.split(separator: " ")
    guard lines.count == 1, words.count >= 3, words[0].hasPrefix("0x"),
      let slot = Slot(rawValue: String(words[words.count - 1]))
    else {
      throw Failure(.rejected, "haproxy answered \"\(oneLine(answer))\", where one header value and its slot may be")
    }
    return HeaderRoute(header: header, value: words[1..<(words.count - 1)].joined(separator: " "), slot: slot)
  }
}
