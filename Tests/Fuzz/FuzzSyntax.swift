import Engine
import Flags
import PipelineSyntax

/// libFuzzer's entry: whatever the bytes are, the parsers come back, and so do the reader of the journal, the flags and
/// the importers of flags.
///
/// The first byte chooses which of them gets the rest. Run by `script/fuzz`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let file = SourceFile(path: "fuzz.yaml", bytes: Array(bytes.dropFirst()))
  switch first % 8 {
  case 0: _ = PipelineParser().parse(file)
  case 1: _ = ScenarioParser().parse(file)
  case 2: _ = InstallationParser(kinds: []).parse(file)
  case 3: readEntry(file.bytes)
  case 4: FuzzFlags.evaluate(file.bytes)
  case 5: FuzzFlags.bring(.unleash, file.bytes)
  case 6: FuzzFlags.bring(.goff, file.bytes)
  default: FuzzFlags.document(file.bytes)
  }
  return 0
}

/// What is read as an entry must be written as it was read.
private func readEntry(_ bytes: [UInt8]) {
  guard let entry = try? Entry(canonical: bytes) else { return }
  precondition(entry.canonical == bytes, "an entry was accepted that is not canonical")
}
