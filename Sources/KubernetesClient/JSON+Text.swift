package import Foundation
package import PluginKit

extension JSON {
  /// `nil` when it is no JSON.
  package init?(parsing data: Data) {
    guard let value = try? JSONDecoder().decode(JSON.self, from: data) else { return nil }
    self = value
  }

  /// Its text, names sorted.
  package var data: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Only numbers that JSON has not could fail, and none comes out of JSON.
    return (try? encoder.encode(self)) ?? Data()
  }
}
