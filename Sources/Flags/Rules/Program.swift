/// A rule as it is evaluated: nodes without references, which name one another by their index, so that walking them
/// neither allocates nor counts references.
final class Program: Sendable {
  /// Some neighbours in `children`.
  struct Span: Sendable {
    var start: Int32
    var count: Int32
  }

  enum Node: Sendable {
    /// Index in `constants`.
    case constant(Int32)
    /// Index in `paths`; the node of the default or -1.
    case variable(Int32, fallback: Int32)
    /// A `var` whose path is computed.
    case computedVariable(Span)
    case list(Span)
    case branch(Span)
    case and(Span)
    case or(Span)
    case call(Operator, Span)
    /// `in` of a constant list of texts: the node of the text, index in `textSets`.
    case isOneOf(Int32, set: Int32)
    /// The same of a property of the context: index in `names`; the node of the text, for the inside of iterations.
    case hasOneOf(name: Int32, text: Int32, set: Int32)
    case iterate(Iteration, list: Int32, body: Int32)
    case reduce(Span)
    /// `fractional` whose names and weights are constants: the node of the key or -1, index in `splits`.
    case fixedSplit(key: Int32, split: Int32)
    /// `fractional`: the node of the key or -1; names and weights in turn.
    case split(key: Int32, Span)
  }

  /// A `var` path that is constant.
  enum Path: Sendable {
    /// The whole data.
    case whole
    /// `$flagd.flagKey` and `$flagd.timestamp`.
    case flagKey, timestamp
    /// Components in `names`.
    case names(Span)
  }

  /// What a bucket of a constant split gives.
  struct Bucket: Sendable {
    /// Index in `constants`.
    var name: Int32
    /// Which variant the name is; -1 for no variant.
    var variant: Int32
  }

  /// All that an evaluation walks. Made by `init`, written by nobody afterwards and freed by `deinit`: good for as long as
  /// the program is, on any thread, which the compiler cannot know of plain memory.
  nonisolated(unsafe) let tables: ProgramTables
  /// Where in the definition a node stands, `/if/1/fractional`.
  let places: [String]

  init(_ draft: Draft, root: Int32, flagKey: String, generation: Generation) {
    tables = ProgramTables(draft, root: root, flagKey: flagKey, generation: generation)
    places = draft.places
  }

  deinit { tables.free() }

  /// What a compiler writes into.
  struct Draft {
    var variants: [String]
    var nodes: [Node] = []
    var children: [Int32] = []
    var constants: [JSONValue] = []
    var paths: [Path] = []
    var names: [JSONName] = []
    var texts: [String] = []
    var textSets: [Span] = []
    var ends: [Int64] = []
    var buckets: [Bucket] = []
    var splits: [Span] = []
    var places: [String] = []

    init(variants: [String]) { self.variants = variants }

    func variant(named value: JSONValue) -> Int32 {
      guard let name = Program.variantName(value) else { return -1 }
      return variants.firstIndex { $0.hasSameBytes(as: name) }.map(Int32.init) ?? -1
    }

    mutating func add(_ node: Node, at place: String) -> Int32 {
      nodes.append(node)
      places.append(place)
      return Int32(nodes.count - 1)
    }

    mutating func constant(_ value: JSONValue) -> Int32 {
      constants.append(value)
      return Int32(constants.count - 1)
    }

    mutating func span(_ indices: [Int32]) -> Span {
      children.append(contentsOf: indices)
      return Span(start: Int32(children.count - indices.count), count: Int32(indices.count))
    }
  }

  /// A rule's result names a variant if it is a text or a boolean.
  static func variantName(_ value: JSONValue) -> String? {
    switch value {
    case .text(let text): text
    case .bool(let bool): bool ? "true" : "false"
    case .null, .number, .list, .object: nil
    }
  }
}
