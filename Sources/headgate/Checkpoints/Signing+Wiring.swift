import Controller
import Foundation
import PipelineModel
import Proofs

extension Signing {
  /// What `audit:` of an installation means; `nil`: nothing is signed.
  init?(_ installation: Installation, baseDirectory: String) {
    let policy = installation.audit
    guard let name = policy.key else { return nil }
    func path(_ relative: String) -> String {
      URL(fileURLWithPath: relative, relativeTo: URL(fileURLWithPath: baseDirectory, isDirectory: true)).path
    }
    let secrets = SecretReader(installation.secrets, besides: baseDirectory)
    var sinks: [any CheckpointSink] = []
    if let file = policy.file { sinks.append(FileSink(path: path(file), readers: policy.readers)) }
    if let git = policy.git {
      sinks.append(GitSink(worktree: path(git.worktree), path: git.file, push: git.push, readers: policy.readers))
    }
    self.init(
      policy: policy,
      signer: { () async throws(Failure) in
        let written = try await secrets.read(name)
        do throws(NoteMistake) {
          return try NoteSigner(written)
        } catch {
          throw Failure(.misconfigured, "secret \"\(name)\": \(error)")
        }
      }, sinks: sinks)
  }
}
