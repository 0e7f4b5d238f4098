import Flags
import Testing

/// Published hashes, encodings and buckets.
struct BucketingVectorTests {
  @Test func `hashes are those that are published`() throws {
    let vectors = try Vectors.load("bucketing.json")["murmur3_x86_32"].items
    #expect(vectors.count == 45)
    for item in vectors {
      let hash = Murmur3.hash(of: item["s"].words, seed: UInt32(item["seed"].double))
      #expect(hash == UInt32(item["h"].double), "\(item.written)")
    }
  }

  @Test func `a text hashed in pieces has the hash of the whole`() {
    let text = Array("headgate and everything behind it")
    for cut in 0...text.count {
      for second in cut...text.count {
        var murmur = Murmur3()
        murmur.add(String(text[..<cut]))
        murmur.add(String(text[cut..<second]))
        murmur.add(String(text[second...]))
        #expect(murmur.value == Murmur3.hash(of: String(text)))
      }
    }
  }

  @Test(arguments: Generation.allCases)
  func `users fall into the buckets that are published`(_ generation: Generation) throws {
    let vectors = try Vectors.load("bucketing.json")["flagd"]["vectors"].items
    #expect(vectors.count == 42)
    for item in vectors {
      var sum: Int64 = 0
      let ends = item["distribution"].items.map { part in
        sum += Int64(part.items[1].double)
        return sum
      }
      let hash = generation.hash(flagKey: item["flagKey"].words, targetingKey: item["targetingKey"].words)
      let bucket = generation.bucket(of: hash, ends: ends)
      #expect(item["distribution"].items[bucket].items[0] == item[generation.rawValue], "\(item.written)")
      if generation == .v2 { #expect(Double(hash) == item["murmur3_v2"].double) }
      if generation == .v3 { #expect(Double(hash) == item["murmur3_v3"].double) }
    }
  }

  @Test func `keys of the third generation are encoded as published`() throws {
    for item in try Vectors.load("bucketing.json")["flagd"]["vectors"].items {
      var cbor = DeterministicCBOR(into: KeptBytes())
      cbor.add(.list([item["flagKey"], item["targetingKey"]]))
      #expect(hexadecimal(cbor.sink.bytes) == item["cbor_hex_v3"].words)
    }
  }

  /// Examples of RFC 8949, Appendix A, except that whole floats are integers here.
  @Test(arguments: [
    ("0", "00"), ("23", "17"), ("24", "1818"), ("100", "1864"), ("1000", "1903e8"), ("1000000", "1a000f4240"),
    ("1000000000000", "1b000000e8d4a51000"), ("-1", "20"), ("-100", "3863"), ("1.5", "f93e00"),
    ("1.1", "fb3ff199999999999a"),
    ("5.960464477539063e-8", "f90001"), ("0.00006103515625", "f90400"), ("-4.1", "fbc010666666666666"),
    ("1e300", "fb7e37e43c8800759c"), ("-0.0", "00"), ("false", "f4"), ("null", "f6"), ("\"IETF\"", "6449455446"),
    ("[1,[2,3],[4,5]]", "8301820203820405"), ("{\"a\":1,\"b\":[2,3]}", "a26161016162820203"),
    ("{\"bb\":1,\"c\":2}", "a2616302626262 01"),
  ])
  func `values are encoded as RFC 8949 has them`(_ value: String, _ wanted: String) throws {
    var cbor = DeterministicCBOR(into: KeptBytes())
    cbor.add(try json(value))
    #expect(hexadecimal(cbor.sink.bytes) == wanted.filter { $0 != " " })
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
