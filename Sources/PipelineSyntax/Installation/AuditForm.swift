import PipelineModel

/// How `audit:` of headgate.yaml is written.
enum AuditForm {
  private static let secret = Form<Settings.Value>.setting(.secret, name: "audit-key")
  private static let signing = Key(
    "key", secret, "the private key that signs checkpoints, as a secret; `headgate audit key new` makes one")
  private static let entries = Key(
    "entries", Form<Int>.integer(1...1_000_000), default: "1000", "a checkpoint is signed after so many entries")
  private static let every = Key(
    "every", Form<Interval>.positiveDuration, default: "15m", "or after this time, when there is something new")
  private static let file = Key(
    "file", Form<String>.text, "path of a file that checkpoints are appended to, relative to this file")
  private static let readers = Key(
    "readableBy", readersForm, default: "owner", "who may read that file, when it is made: owner, group or everyone")
  private static let git = Key("git", gitForm, "a git repository that each checkpoint is committed to")
  private static let notify = Key(
    "notify", Form<String>.text.located.list, "names of notifiers that are sent each checkpoint")
  private static let reads = Key(
    "reads", readsForm, default: "export", "which ways to read the log are written down in it; `all` of them, or `none`"
  )

  private static let archive = Key(
    "archive", archiveForm, "who may move old entries into an archive, how old they must be, and where it lies")

  private static let object = ObjectForm(
    name: "audit", about: "How the audit log is signed for, whose reading of it is on record, and how long it is kept.",
    keys: [signing, entries, every, file, readers, git, notify, reads, archive],
    refused: [
      "secret": "the key is named as `key: { secret: NAME }`",
      "webhook": "name a webhook under `notifiers:`, and here under `notify:`",
    ])

  static let key = Key("audit", form, "how the audit log is signed for, and whose reading of it is on record")

  /// Places are kept for what is checked against the rest of the file.
  struct Draft {
    var policy: AuditPolicy
    var notify: [Located<String>]
  }

  private static let form = Form<Draft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    var policy = AuditPolicy()
    if case .secret(let name)? = fields[signing]?.value { policy.key = name }
    policy.entries = fields[entries]?.value ?? policy.entries
    policy.every = fields[every]?.value ?? policy.every
    policy.file = fields[file]?.value
    policy.readers = fields[readers]?.value ?? policy.readers
    policy.git = fields[git]?.value
    policy.reads = fields[reads]?.value ?? policy.reads
    policy.archive = fields[archive]?.value ?? policy.archive
    let listeners = fields[notify]?.value ?? []
    policy.notify = listeners.map(\.value)
    if !fields.has(signing.name) {
      for name in [file.name, git.name, notify.name, entries.name, every.name] where fields.has(name) {
        reader.sink.error(
          "\(quote(name)) is about checkpoints, and nobody signs any", at: fields.place,
          help: "make a key with `headgate audit key new`, and name it: `key: { secret: NAME }`")
        break
      }
    }
    return Draft(policy: policy, notify: listeners)
  }

  // MARK: git

  private static let worktree = Key(
    "worktree", Form<String>.text, required: true, "path of the work tree, relative to this file")
  private static let path = Key(
    "file", Form<String>.text.located, default: "checkpoints.txt",
    "file in the work tree that checkpoints are appended to")
  private static let push = Key(
    "push", Form<String>.identifier, "a remote that is pushed to after each commit; without it, none is")
  private static let gitObject = ObjectForm(
    name: "audit-git", about: "A git repository that each checkpoint is committed to.", keys: [worktree, path, push])

  private static let gitForm = Form<AuditPolicy.GitSink>(.object(gitObject)) { node, reader in
    guard let fields = reader.fields(node, gitObject), let tree = fields[worktree]?.value else { return nil }
    var sink = AuditPolicy.GitSink(worktree: tree)
    if let file = fields[path]?.value {
      let steps = file.value.split(separator: "/", omittingEmptySubsequences: false)
      if steps.contains("..") || steps.contains("") || steps.contains(".git") || file.value.hasPrefix("-") {
        reader.sink.error(
          "\(quote(file.value)) is no file in the work tree", at: file.place, help: "for example `checkpoints.txt`")
      }
      sink.file = file.value
    }
    sink.push = fields[push]?.value
    return sink
  }

  private static let readersForm = Form<AuditPolicy.Readers>.oneOf("kind of readers")

  // MARK: Archives

  private static let folder = Key(
    "folder", Form<String>.text, default: "the store's name with `.archive`",
    "folder that the files are in, relative to this file")
  private static let roles = Key("roles", Form<String>.text.list, "roles that may archive; without it, anybody may")
  private static let least = Key(
    "least", Form<Interval>.positiveDuration, default: "365d", "entries younger than this stay in the store")
  private static let breakGlass = Key(
    "breakGlass", Form<String>.text.list,
    "roles that may archive younger ones with `--break-glass` and a reason; without it, anybody may")
  private static let archiveObject = ObjectForm(
    name: "audit-archive", about: "Who may move old entries into an archive, how old they must be, and where it lies.",
    keys: [folder, roles, least, breakGlass])

  private static let archiveForm = Form<AuditPolicy.Archiving>(.object(archiveObject)) { node, reader in
    guard let fields = reader.fields(node, archiveObject) else { return nil }
    var archiving = AuditPolicy.Archiving()
    archiving.folder = fields[folder]?.value
    archiving.roles = fields[roles]?.value ?? []
    archiving.least = fields[least]?.value ?? archiving.least
    archiving.breakGlass = fields[breakGlass]?.value ?? []
    return archiving
  }

  // MARK: Reads

  private static let words = AuditedRead.allCases.map(\.rawValue)

  private static let oneRead = Form<Set<AuditedRead>>(.oneOf(words + ["all", "none"])) { node, reader in
    guard let text = reader.text(node, wanting: "a way to read the log", help: "for example `export`") else {
      return nil
    }
    if text == "none" { return [] }
    if text == "all" { return Set(AuditedRead.allCases) }
    if let read = AuditedRead(rawValue: text) { return [read] }
    reader.sink.unknown("way to read the log", text, among: words + ["all", "none"], at: node.place)
    return nil
  }

  private static let readsForm = oneRead.list.map { lists in Set(lists.flatMap(\.self)) }
}
