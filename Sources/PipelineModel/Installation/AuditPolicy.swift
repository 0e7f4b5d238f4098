/// How the audit log of an installation is signed for, and whose reading of it is written down.
package struct AuditPolicy: Hashable, Sendable {
  /// Name of the secret with the private key; `nil`: nothing is signed.
  package var key: String?
  /// A checkpoint is signed after so many entries,
  package var entries: Int
  /// or when this has passed since the last one and there is something new.
  package var every: Interval
  /// Where checkpoints are appended; relative paths are relative to the installation's file.
  package var file: String?
  package var git: GitSink?
  /// Names of notifiers that are sent each checkpoint.
  package var notify: [String]
  /// Which ways to read the log are written down.
  package var reads: Set<AuditedRead>

  /// A file in the work tree of a git repository, committed with each checkpoint.
  package struct GitSink: Hashable, Sendable {
    package var worktree: String
    /// Relative to the work tree.
    package var file: String
    /// The remote that is pushed to; `nil`: none.
    package var push: String?

    package init(worktree: String, file: String = "checkpoints.txt", push: String? = nil) {
      self.worktree = worktree
      self.file = file
      self.push = push
    }
  }

  package init(
    key: String? = nil, entries: Int = 1000, every: Interval = .minutes(15), file: String? = nil, git: GitSink? = nil,
    notify: [String] = [], reads: Set<AuditedRead> = [.export]
  ) {
    self.key = key
    self.entries = entries
    self.every = every
    self.file = file
    self.git = git
    self.notify = notify
    self.reads = reads
  }
}

/// A way to read the audit log.
package enum AuditedRead: String, Hashable, Sendable, CaseIterable {
  case export, list, prove
}
