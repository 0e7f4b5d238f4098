/// A flag of another system that was carried over, and who gets another variant here than there.
public struct ForeignReport: Codable, Hashable, Sendable {
  public var flag: String
  /// The flagd definition, as JSON in a text.
  public var definition: String
  /// How many were reckoned with.
  public var people: Int
  public var moved: Int
  /// The commonest first.
  public var ways: [MoversReport.Way]

  public init(flag: String, definition: String, people: Int, moved: Int, ways: [MoversReport.Way]) {
    self.flag = flag
    self.definition = definition
    self.people = people
    self.moved = moved
    self.ways = ways
  }
}
