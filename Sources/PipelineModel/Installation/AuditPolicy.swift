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
  /// Who may read that file, when it is made.
  package var readers: Readers
  package var git: GitSink?
  /// Names of notifiers that are sent each checkpoint.
  package var notify: [String]
  /// Which ways to read the log are written down.
  package var reads: Set<AuditedRead>
  package var archive: Archiving

  /// Who may move old entries into an archive, and how old they must be.
  package struct Archiving: Hashable, Sendable {
    /// Where it lies, relative to the installation's file; `nil`: beside the store, under its name with `.archive`.
    package var folder: String?
    /// Roles that may; empty: anybody.
    package var roles: [String]
    /// Entries younger than this stay.
    package var least: Interval
    /// Roles that may move younger ones, with a reason; empty: anybody.
    package var breakGlass: [String]

    package init(
      folder: String? = nil, roles: [String] = [], least: Interval = .hours(365 * 24), breakGlass: [String] = []
    ) {
      self.folder = folder
      self.roles = roles
      self.least = least
      self.breakGlass = breakGlass
    }
  }

  package enum Readers: String, Hashable, Sendable, CaseIterable {
    case owner, group, everyone
  }

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
    key: String? = nil, entries: Int = 1000, every: Interval = .minutes(15), file: String? = nil,
    readers: Readers = .owner, git: GitSink? = nil, notify: [String] = [], reads: Set<AuditedRead> = [.export],
    archive: Archiving = Archiving()
  ) {
    self.key = key
    self.entries = entries
    self.every = every
    self.file = file
    self.readers = readers
    self.git = git
    self.notify = notify
    self.reads = reads
    self.archive = archive
  }
}

/// A way to read the audit log.
package enum AuditedRead: String, Hashable, Sendable, CaseIterable {
  /// `audit export`, `audit list`, `audit show` and `audit prove`.
  case export, list, show, prove
  /// The history of a flag, by command or over HTTP.
  case history
  /// `timeline` and `suspects`.
  case timeline
}
