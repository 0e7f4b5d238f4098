/// The tables of a program in memory of its own, in the order in which an evaluation looks at them: walking them counts no
/// references, and a rule that is small lies on few lines of the cache.
///
/// Owned by the program that made it. An index in a table leads into another one: the compiler made both.
struct ProgramTables {
  private struct Head {
    var nodes: UnsafePointer<Program.Node>
    var children: UnsafePointer<Int32>
    var names: UnsafePointer<JSONName>
    var textSets: UnsafePointer<Program.Span>
    var texts: UnsafePointer<String>
    var splits: UnsafePointer<Program.Span>
    var ends: UnsafePointer<Int64>
    var buckets: UnsafePointer<Program.Bucket>
    var variantOfConstant: UnsafePointer<Int32>
    var constants: UnsafePointer<JSONValue>
    var paths: UnsafePointer<Program.Path>
    var counts: (names: Int, texts: Int, constants: Int)
    var root: Int32
    var generation: Generation
    var hashedFlagKey: Murmur3?
    var flagKey: String
  }

  private let head: UnsafeMutablePointer<Head>

  init(_ draft: Program.Draft, root: Int32, flagKey: String, generation: Generation) {
    var room = Room()
    room.add(Head.self, 1)
    room.add(draft.nodes)
    room.add(draft.children)
    room.add(draft.names)
    room.add(draft.textSets)
    room.add(draft.texts)
    room.add(draft.splits)
    room.add(draft.ends)
    room.add(draft.buckets)
    room.add(draft.constants)
    room.add(Int32.self, draft.constants.count)
    room.add(draft.paths)
    var block = Block(of: room.size)
    head = block.take(Head.self, 1)
    head.initialize(
      to: Head(
        nodes: block.put(draft.nodes), children: block.put(draft.children), names: block.put(draft.names),
        textSets: block.put(draft.textSets), texts: block.put(draft.texts), splits: block.put(draft.splits),
        ends: block.put(draft.ends), buckets: block.put(draft.buckets),
        variantOfConstant: block.put(draft.constants.map { draft.variant(named: $0) }),
        constants: block.put(draft.constants), paths: block.put(draft.paths),
        counts: (draft.names.count, draft.texts.count, draft.constants.count), root: root, generation: generation,
        hashedFlagKey: generation.prefix(flagKey: flagKey), flagKey: flagKey))
  }

  /// Not to be used any more.
  func free() {
    let counts = head.pointee.counts
    UnsafeMutablePointer(mutating: head.pointee.names).deinitialize(count: counts.names)
    UnsafeMutablePointer(mutating: head.pointee.texts).deinitialize(count: counts.texts)
    UnsafeMutablePointer(mutating: head.pointee.constants).deinitialize(count: counts.constants)
    head.deinitialize(count: 1)
    UnsafeMutableRawPointer(head).deallocate()
  }

  var root: Int32 { head.pointee.root }
  var generation: Generation { head.pointee.generation }
  /// What rules without a key of their own begin to hash with, in the generations that hash one text.
  var hashedFlagKey: Murmur3? { head.pointee.hashedFlagKey }
  var flagKey: String { head.pointee.flagKey }
  var nodes: UnsafePointer<Program.Node> { head.pointee.nodes }
  var children: UnsafePointer<Int32> { head.pointee.children }
  var names: UnsafePointer<JSONName> { head.pointee.names }
  /// Neighbours in `texts`, each set sorted by bytes.
  var textSets: UnsafePointer<Program.Span> { head.pointee.textSets }
  var texts: UnsafePointer<String> { head.pointee.texts }
  /// Neighbours in `ends` and `buckets`, in the order of the rule.
  var splits: UnsafePointer<Program.Span> { head.pointee.splits }
  /// Running sums of the weights, beginning anew with each split.
  var ends: UnsafePointer<Int64> { head.pointee.ends }
  /// Beside `ends`.
  var buckets: UnsafePointer<Program.Bucket> { head.pointee.buckets }
  var constants: UnsafePointer<JSONValue> { head.pointee.constants }
  /// Which variant a constant names, by its index: -1 for none.
  var variantOfConstant: UnsafePointer<Int32> { head.pointee.variantOfConstant }
  var paths: UnsafePointer<Program.Path> { head.pointee.paths }
}

/// How much memory some lists take behind one another, each at a multiple of sixteen.
private struct Room {
  static let alignment = 16
  private(set) var size = 0

  mutating func add<Item>(_ items: [Item]) { add(Item.self, items.count) }

  mutating func add<Item>(_ type: Item.Type, _ count: Int) { size += Self.rounded(MemoryLayout<Item>.stride * count) }

  static func rounded(_ size: Int) -> Int { (size + alignment - 1) / alignment * alignment }
}

/// Memory that is given out from its beginning.
private struct Block {
  private var rest: UnsafeMutableRawPointer

  init(of size: Int) { rest = .allocate(byteCount: size, alignment: Room.alignment) }

  mutating func take<Item>(_ type: Item.Type, _ count: Int) -> UnsafeMutablePointer<Item> {
    defer { rest += Room.rounded(MemoryLayout<Item>.stride * count) }
    return rest.bindMemory(to: type, capacity: count)
  }

  mutating func put<Item>(_ items: [Item]) -> UnsafePointer<Item> {
    let place = take(Item.self, items.count)
    items.withUnsafeBufferPointer { items in
      if let start = items.baseAddress { place.initialize(from: start, count: items.count) }
    }
    return UnsafePointer(place)
  }
}
