import Flags
import PipelineModel
import Testing

/// Every case of flagd's own test bed, under each generation that it names. Cases that name none contradict others (an
/// older behaviour) or need a transport that enriches contexts.
struct FlagdVectorTests {
  @Test(arguments: Generation.allCases)
  func `every published case gives what it expects`(_ generation: Generation) throws {
    let vectors = try Vectors.load("flagd.json")
    let sets = try Self.sets(vectors, generation)
    var count = 0
    for item in vectors["cases"].items
    where item["passesUnder"].items.contains(.text(generation.rawValue)) {
      let set = try #require(sets[item["flagSet"].words])
      Self.check(item, set)
      count += 1
    }
    print("flagd cases under \(generation): \(count)")
    #expect(count > 150)
  }

  private static func sets(_ vectors: JSONValue, _ generation: Generation) throws -> [String: FlagSet] {
    var sets: [String: FlagSet] = [:]
    for member in vectors["flagSets"].object?.members ?? [] {
      sets[member.name.text] = try flagSet(member.value["definition"].written, generation)
    }
    return sets
  }

  private static let accessors: [String: Accessor] = [
    "Boolean": .boolean, "String": .string, "Integer": .integer, "Float": .number, "Object": .object,
  ]

  private static func check(_ item: JSONValue, _ set: FlagSet) {
    let place: Comment = "\(item["file"].words):\(item["line"].written) \(item["context"].written)"
    guard let accessor = accessors[item["type"].words] else {
      Issue.record("unknown type at \(place)")
      return
    }
    let context = item["context"].object ?? JSONObject()
    let resolution = set.resolve(item["key"].words, context, at: noon).read(as: accessor)
    for member in item["expect"].object?.members ?? [] {
      switch member.name.text {
      case "value": #expect(resolution.value ?? item["default"] == member.value, place)
      case "reason": #expect(resolution.reason.rawValue == member.value.words, place)
      case "errorCode": #expect(resolution.failure?.code.rawValue == member.value.words, place)
      case "metadata": #expect(.object(resolution.metadata) == member.value, place)
      case "metadataContains":
        for wanted in member.value.object?.members ?? [] {
          #expect(resolution.metadata[wanted.name] == wanted.value, place)
        }
      default: Issue.record("an expectation that is not checked: \(member.name.text)")
      }
    }
  }
}
