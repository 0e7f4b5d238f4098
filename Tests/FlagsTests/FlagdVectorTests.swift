import Flags
import PipelineModel
import Testing

/// Every case of flagd's own test bed, under each generation that it names. Four name none: three want what an older
/// release did, one needs a transport that adds to contexts; below is said and shown what they come to here.
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

  fileprivate static func sets(_ vectors: JSONValue, _ generation: Generation) throws -> [String: FlagSet] {
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

extension FlagdVectorTests {
  private static func unassigned() throws -> (FlagSet, [JSONValue]) {
    let vectors = try Vectors.load("flagd.json")
    let cases = vectors["cases"].items.filter { $0["passesUnder"].items.isEmpty }
    return (try #require(try sets(vectors, .standard)["allFlags"]), cases)
  }

  @Test func `the cases that name no generation are those that are met otherwise`() throws {
    let (_, cases) = try Self.unassigned()
    #expect(cases.map { $0["needs"].words } == ["deprecated", "deprecated", "deprecated", "sync-metadata-context"])
  }

  /// Tagged `@deprecated`: of a flag without a default variant they want the error FLAG_NOT_FOUND, as old releases of
  /// flagd answered. The newer scenarios of the same file, which pass, want no error. What the client ends up with, its
  /// own default, is the same under both.
  @Test func `a flag without a default leaves the client its own, as before, and without the error of old`() throws {
    let (set, cases) = try Self.unassigned()
    for item in cases where item["needs"].words == "deprecated" {
      let resolution = set.resolve(item["key"].words, item["context"].object ?? JSONObject(), at: noon)
      #expect(resolution.value ?? item["default"] == item["expect"]["value"])
      #expect(resolution.reason == .default)
      #expect(resolution.failure == nil)
    }
  }

  /// The transport of flagd may hand its clients attributes that they add to every context, here `injectedmetadata`.
  /// No document of ours carries such; a client that adds them gets what is wanted.
  @Test func `attributes that a transport adds count as if the caller had given them`() throws {
    let (set, cases) = try Self.unassigned()
    let item = try #require(cases.first { $0["needs"].words == "sync-metadata-context" })
    let enriched = JSONObject([("injectedmetadata", .text("set"))])
    #expect(set.resolve(item["key"].words, enriched, at: noon).value == item["expect"]["value"])
    #expect(set.resolve(item["key"].words, JSONObject(), at: noon).value != item["expect"]["value"])
  }
}
