import PipelineModel
import PluginKit

/// Name of an image with `${name}` places that a deployment fills.
struct ImageTemplate: Hashable, Sendable {
  /// What may stand between the braces.
  static let names = ["version", "service", "environment", "slot"]

  private var source: String

  /// - Throws: `misconfigured`, when a place is unknown, or none is for the version.
  init(_ source: String) throws(Failure) {
    for place in source.split(separator: "${", omittingEmptySubsequences: false).dropFirst() {
      let parts = place.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, Self.names.contains(String(parts[0])) else {
        let known = Self.names.joined(separator: ", ")
        throw Failure(.misconfigured, "`image` knows no ${\(parts[0].description.excerpt(40))}; it knows \(known)")
      }
    }
    guard source.contains("${version}") else {
      throw Failure(
        .misconfigured, "`image` is \"\(source.excerpt(80))\" for every version; write ${version} where its tag is")
    }
    self.source = source
  }

  /// - Throws: `rejected` when no image can have the name.
  func filled(by deployment: Deployment) throws(Failure) -> String {
    let values = [deployment.version, deployment.service, deployment.environment, deployment.slot.rawValue]
    var rest = source[...]
    var image = ""
    while let place = rest.firstRange(of: "${"), let end = rest[place.upperBound...].firstIndex(of: "}") {
      let name = String(rest[place.upperBound..<end])
      image += rest[..<place.lowerBound]
      image += Self.names.firstIndex(of: name).map { values[$0] } ?? ""
      rest = rest[rest.index(after: end)...]
    }
    image += rest
    guard !image.contains(where: \.isWhitespace) else {
      throw Failure(.rejected, "\"\(image.excerpt(120))\" is no name of an image: it has a space")
    }
    return image
  }
}
