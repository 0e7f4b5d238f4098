/// A pipeline as bytes, to be kept beside its text and read back in a fraction of the time that the text takes to compile.
///
/// Not a format for others, nor one that lasts: only the program that wrote a form reads it, and what it is made from is
/// always the text. Written are the values of all members, one after the other, in the order of their declarations.
package enum PipelineForm {
  /// `nil`: the form would not give the very same pipeline back, so there is none.
  package static func bytes(of pipeline: Pipeline) -> [UInt8]? {
    var writer = FormWriter()
    pipeline.write(to: &writer)
    let back = writer.bytes.withUnsafeBytes { self.pipeline(in: $0) }
    return back == pipeline ? writer.bytes : nil
  }

  /// `nil`: the bytes are no form, or not a whole one.
  package static func pipeline(in bytes: UnsafeRawBufferPointer) -> Pipeline? {
    var reader = FormReader(bytes)
    let pipeline = Pipeline(from: &reader)
    return reader.isDone ? pipeline : nil
  }
}

/// A value that a form can hold.
protocol Formed {
  func write(to form: inout FormWriter)
  /// From a form that is damaged comes any value at all; the reader knows that it is.
  init(from form: inout FormReader)
}

struct FormWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<each Value: Formed>(_ value: repeat each Value) { repeat (each value).write(to: &self) }

  /// Which case of an enumeration it is, before what the case carries.
  mutating func write<each Value: Formed>(case number: UInt8, _ value: repeat each Value) {
    bytes.append(number)
    repeat (each value).write(to: &self)
  }

  mutating func append(_ word: UInt64) { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }

  mutating func append(_ text: String) {
    append(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }
}

struct FormReader {
  private var left: UnsafeRawBufferPointer
  private var isDamaged = false
  /// Values within values so far.
  private var depth = 0
  private static let deepest = 200

  init(_ bytes: UnsafeRawBufferPointer) { left = bytes }

  /// Whether all was read, and it was whole.
  var isDone: Bool { !isDamaged && left.isEmpty }

  mutating func read<Value: Formed>() -> Value { Value(from: &self) }

  mutating func byte() -> UInt8 {
    guard let first = left.first else {
      isDamaged = true
      return 0
    }
    left = UnsafeRawBufferPointer(rebasing: left.dropFirst())
    return first
  }

  mutating func word() -> UInt64 {
    guard left.count >= 8 else {
      fail()
      return 0
    }
    let word = left.loadUnaligned(as: UInt64.self)
    left = UnsafeRawBufferPointer(rebasing: left.dropFirst(8))
    return UInt64(littleEndian: word)
  }

  /// How many there are of what takes a byte each at least.
  mutating func count() -> Int {
    let count = word()
    if count <= UInt64(left.count) { return Int(count) }
    fail()
    return 0
  }

  mutating func text() -> String {
    let count = count()
    let text = String(decoding: left.prefix(count), as: UTF8.self)
    left = UnsafeRawBufferPointer(rebasing: left.dropFirst(count))
    return text
  }

  /// The bytes are no form: nothing more is read.
  mutating func fail() {
    isDamaged = true
    left = UnsafeRawBufferPointer(rebasing: left.prefix(0))
  }

  /// Reads what may hold more of its own kind; `nil` when it goes deeper than any form does.
  mutating func deeper<Value>(_ read: (inout FormReader) -> Value) -> Value? {
    guard depth < Self.deepest else {
      fail()
      return nil
    }
    depth += 1
    defer { depth -= 1 }
    return read(&self)
  }
}
