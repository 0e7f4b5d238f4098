import Controller
import Crypto
import Engine
import GRDB
import PipelineModel

/// Pipelines beside their definitions, as they were compiled: read back instead of compiled anew when a controller takes
/// up many runs.
///
/// What a row holds counts only for the program that wrote it, and only as long as it is as it was written; otherwise
/// the text counts, as it always does. `audit verify` compares the rows with what the texts say.
struct KeptPipelines {
  static let schema = """
    CREATE TABLE forms (
      definition INTEGER PRIMARY KEY,
      edition TEXT NOT NULL,
      digest BLOB NOT NULL,
      form BLOB NOT NULL
    ) STRICT;
    """

  private let put: Prepared
  private let get: Prepared

  init(_ db: Database) throws {
    put = try Prepared(db, "INSERT OR REPLACE INTO forms VALUES (?1, ?2, ?3, ?4)")
    get = try Prepared(db, "SELECT digest, form FROM forms WHERE definition = ?1 AND edition = ?2")
  }

  /// Keeps those that a form gives back as they are.
  func keep(_ pipelines: [CompiledPipeline]) throws {
    for compiled in pipelines {
      guard let form = PipelineForm.bytes(of: compiled.pipeline) else { continue }
      put.bind(1, compiled.definition)
      put.bind(2, copying: compiled.edition)
      try form.withUnsafeBytes { form in
        try Self.digest(form, of: compiled.definition).withUnsafeBytes { digest in
          put.bind(3, blob: digest)
          put.bind(4, blob: form)
          try put.run()
        }
      }
    }
  }

  func pipeline(definedBy definition: Int64, edition: String) throws -> Pipeline? {
    get.bind(1, definition)
    return try get.withText(2, edition) {
      guard try get.step() else { return nil }
      defer { get.reset() }
      let form = get.bytes(1)
      let digest = Self.digest(form, of: definition)
      guard digest.withUnsafeBytes({ $0.elementsEqual(get.bytes(0)) }) else { return nil }
      return PipelineForm.pipeline(in: form)
    }
  }

  /// Binds a form to its definition, so that a row that was damaged or exchanged is not taken for what it is not.
  private static func digest(_ form: UnsafeRawBufferPointer, of definition: Int64) -> SHA256Digest {
    var hash = SHA256()
    withUnsafeBytes(of: definition.littleEndian) { hash.update(bufferPointer: $0) }
    hash.update(bufferPointer: form)
    return hash.finalize()
  }
}

extension Database {
  /// The first definition whose kept pipeline is not what its text says; `nil`: all are.
  func firstStrayPipeline(_ compiler: any PipelineCompiler) throws -> AuditFinding? {
    guard let edition = compiler.edition else { return nil }
    let rows = try Prepared(self, "SELECT definition, form FROM forms WHERE edition = ?1 ORDER BY definition")
    rows.bind(1, copying: edition)
    while try rows.step() {
      let definition = rows.integer(0)
      guard case .defined(_, let path, let text) = try entry(definition)?.fact,
        let pipeline = try? compiler.compile(text: text, path: path),
        PipelineForm.pipeline(in: rows.bytes(1)) == pipeline
      else { return AuditFinding(definition, .keptPipeline) }
    }
    return nil
  }
}
