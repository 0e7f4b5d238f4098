/// A flag of another system that was carried over, and who gets another variant here than there.
public struct ForeignReport: Codable, Hashable, Sendable {
  public var flag: String
  /// The flagd definition, as JSON in a text.
  public var definition: String
  /// How many were reckoned with.
  public var people: Int
  public var moved: Int
  /// The commonest first.
  public var ways: [Way]

  /// From one variant to another; absent: the client's own default.
  public struct Way: Codable, Hashable, Sendable {
    public var from: String?
    public var to: String?
    public var people: Int

    public init(from: String?, to: String?, people: Int) {
      self.from = from
      self.to = to
      self.people = people
    }
  }

  public init(flag: String, definition: String, people: Int, moved: Int, ways: [Way]) {
    self.flag = flag
    self.definition = definition
    self.people = people
    self.moved = moved
    self.ways = ways
  }
}
