import Flags
import PipelineModel

/// What a definition and a context may be: neither traps, and what one evaluation takes is bounded by its fuel.
enum FuzzFlags {
  /// A definition, and behind a byte 0 a context.
  static func evaluate(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
    let now = Timestamp(milliseconds: 1_795_262_400_000)
    let context = parts.count > 1 ? try? JSONParser.value(in: parts[1], limits: .context).object : nil
    for generation in Generation.allCases {
      guard let set = FlagSet.read(parts[0], generation: generation).set else { continue }
      for flag in set.flags.prefix(8) {
        let resolution = flag.resolve(context ?? JSONObject(), at: now)
        precondition(
          resolution == flag.explain(context ?? JSONObject(), at: now).resolution, "told otherwise than given")
      }
      rewrite(set, generation)
    }
  }

  /// What is read is written so that it is read again.
  private static func rewrite(_ set: FlagSet, _ generation: Generation) {
    let flags = JSONObject(set.flags.map { ($0.key, $0.definition) })
    let text = JSONValue.object(JSONObject([("flags", .object(flags))])).written
    precondition(FlagSet.read(Array(text.utf8), generation: generation).set != nil, "written so that nobody reads it")
  }

  /// A file of another system: what is carried over evaluates, there and here.
  static func bring(_ source: ForeignFlags.Source, _ bytes: [UInt8]) {
    let now = Timestamp(milliseconds: 1_795_262_400_000)
    let people = ["ann", ""].map { JSONObject([("targetingKey", .text($0)), ("plan", .text("pro"))]) }
    for flag in ForeignFlags.read(source, json: bytes, now: now).flags.prefix(8) {
      _ = flag.movement(over: people, at: now)
    }
  }

  static func document(_ bytes: [UInt8]) { _ = FlagDocument.read(bytes) }
}
