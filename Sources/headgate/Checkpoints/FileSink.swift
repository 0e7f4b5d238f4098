import Controller
import Foundation
import PipelineModel
import Proofs

/// Appends checkpoints to a file, each on the disk before the next.
struct FileSink: CheckpointSink {
  let path: String
  /// Who may read it, when it is made; one that is there keeps the rights it has.
  var readers = AuditPolicy.Readers.owner

  var name: String { "file \(path)" }

  func newest() throws(Failure) -> SignedCheckpoint? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Failure(.misconfigured, "\(path) cannot be read")
    }
    if text.isEmpty { return nil }
    do throws(CheckpointFile.Mistake) {
      return try CheckpointFile.read(text).max { $0.checkpoint.size < $1.checkpoint.size }
    } catch {
      throw Failure(.misconfigured, "\(path), \(error); nothing is appended to it. Mend it, or name another file")
    }
  }

  func append(_ notes: [SignedNote]) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, readers.mode)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    // In one piece: whoever reads meanwhile sees whole notes.
    let bytes = Array(notes.map(CheckpointFile.text(of:)).joined().utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else { throw failure() }
  }

  private func failure() -> Failure {
    Failure(.transient, "\(path) cannot be written: \(String(cString: strerror(errno)))")
  }
}

extension AuditPolicy.Readers {
  fileprivate var mode: mode_t {
    switch self {
    case .owner: 0o600
    case .group: 0o640
    case .everyone: 0o644
    }
  }
}
