import BackendHTTP
import PipelineModel
import PluginKit

/// What a route's file says: the share of green, and what goes beside it.
struct NginxWish: Hashable, Sendable {
  struct Mirror: Hashable, Sendable {
    var share: Weight
    var slot: Slot
  }

  var green = Weight.none
  var header: HeaderRoute?
  var mirror: Mirror?

  /// `green=2500 header=x-canary:yes:green mirror=-`, in words without spaces.
  var words: String {
    let header = header.map { "\($0.header):\(HTTPCall.escaped($0.value)):\($0.slot)" } ?? "-"
    let mirror = mirror.map { "\($0.share.basisPoints):\($0.slot)" } ?? "-"
    return "green=\(green.basisPoints) header=\(header) mirror=\(mirror)"
  }

  init(green: Weight = .none, header: HeaderRoute? = nil, mirror: Mirror? = nil) {
    self.green = green
    self.header = header
    self.mirror = mirror
  }

  /// `nil` when they are not such words.
  init?(green: String, header: String, mirror: String) {
    guard let points = Int(green), (0...10_000).contains(points) else { return nil }
    self.green = Weight(basisPoints: points)
    if header != "-" {
      let parts = header.split(separator: ":").map(String.init)
      guard parts.count == 3, let slot = Slot(rawValue: parts[2]), let value = Self.plain(parts[1]) else { return nil }
      self.header = HeaderRoute(header: parts[0], value: value, slot: slot)
    }
    if mirror != "-" {
      let parts = mirror.split(separator: ":").map(String.init)
      guard parts.count == 2, let share = Int(parts[0]), let slot = Slot(rawValue: parts[1]) else { return nil }
      self.mirror = Mirror(share: Weight(basisPoints: share), slot: slot)
    }
  }

  /// Undoes `HTTPCall.escaped`.
  private static func plain(_ escaped: String) -> String? {
    var bytes: [UInt8] = []
    var rest = escaped.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
      bytes.append(code)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
