import ArgumentParser
import Controller
import Foundation
import PipelineModel
import Proofs
import SQLiteStore

struct AuditVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Proves that the log is whole, or names the first bad entry.",
    discussion: """
      Works off line, on a copy of the store's file too. Exits with 1 when the log is not whole, or not the one that was \
      signed for; with 2 when checkpoints or a proof hold and nobody has checked their signatures, when nobody has \
      signed with the key that was given, or when a part lies in an archive that was not looked at.

      EXAMPLES
        headgate audit verify
        headgate audit verify --store backup/headgate.db
        headgate audit verify --checkpoint kept/checkpoints.txt --key log.pub
        headgate audit verify --archive archive --tree
        headgate audit verify --proof entry-1042.json --key log.pub
      """)

  @Option(
    name: .customLong("checkpoint"),
    help: ArgumentHelp(
      "A file of checkpoints that the log must be consistent with; may be given several times.", valueName: "file"),
    completion: .file())
  var checkpoints: [String] = []
  @OptionGroup var keys: KeyOptions
  @Flag(
    help: "Also computes the Merkle tree, and compares it with the store's table and with the log's own checkpoints.")
  var tree = false
  @Option(help: ArgumentHelp("Checks this proof instead, without any store.", valueName: "file"), completion: .file())
  var proof: String?
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    if let proof { return try check(proof) }
    let access = try StoreAccess(store)
    let path = access.path
    let given = try checkpoints.flatMap { file in try ProofFiles.checkpoints(file).map { (file: file, checkpoint: $0) }
    }
    let verifiers = given.isEmpty && keys.keys.isEmpty ? [] : try keys.verifiers(store)
    let evidence = Audit.Evidence(
      checkpoints: given, verifiers: verifiers, archive: archive.archive ?? access.past.folder, tree: tree)
    let progress = Progress()
    let report: AuditReport
    do {
      report = try Audit.verify(
        path, against: evidence, compiler: SyntaxCompiler(), progress: { progress.show($0, of: $1) })
    } catch {
      throw Stop.unknown(error.description)
    }
    progress.clear()
    try show(report)
    if !report.isWhole { throw ExitCode.negative }
    if report.archived > 0, !report.archiveWasRead {
      throw Stop.unknown(
        "the first \(report.archived) entries lie in an archive that was not looked at, so nobody has checked them: name "
          + "its folder with --archive, or as `audit: { archive: { folder: … } }` in headgate.yaml")
    }
    if !given.isEmpty, verifiers.isEmpty {
      throw Stop.unknown("nobody has checked the signatures of the checkpoints: name the public key with --key")
    }
    if !verifiers.isEmpty, report.checkpoints?.signed == 0 {
      throw Stop.unknown(
        "nobody has signed for this log with that key, so entries cut off its end would not show; `audit: { key: … }` in "
          + "headgate.yaml has it signed from now on")
    }
  }

  private func show(_ report: AuditReport) throws {
    if output.isJSON { return try Console.json(VerifyReport(report)) }
    if let finding = report.finding {
      return Console.print(Console.styled("the log is NOT whole. \(finding)", .red))
    }
    let isAll = report.archived == 0 || report.archiveWasRead
    Console.print(
      isAll
        ? Console.styled("the log is whole: \(report.entries) entries", .green)
        : Console.styled("the entries \(report.archived + 1) to \(report.entries) of the log are whole", .yellow))
    if report.archived > 0 {
      Console.print(
        report.archiveWasRead
          ? "the first \(report.archived) lie in the archive, and go on into the store without a gap"
          : "the first \(report.archived) lie in an archive that was not looked at")
    }
    if let tally = report.checkpoints { Console.print(tally.sentence) }
    Console.print("store \(report.store), head \(report.head)")
  }

  private func check(_ path: String) throws {
    let proof = try ProofFiles.proof(path)
    let verifiers = try keys.verifiers(store)
    let mistake: NoteMistake?
    do throws(NoteMistake) {
      try proof.check()
      mistake =
        verifiers.isEmpty || proof.notes.allSatisfy { note in verifiers.contains { $0.verifies(note) } }
        ? nil : NoteMistake("its checkpoint is not signed by the key that was given")
    } catch {
      mistake = error
    }
    if output.isJSON {
      try Console.json(
        ProofReport(holds: mistake == nil, signatureChecked: !verifiers.isEmpty, why: mistake?.description))
    } else if let mistake {
      Console.print(Console.styled("the proof does NOT hold: \(mistake)", .red))
    } else {
      Console.print(Console.styled(proof.sentence, .green))
    }
    if mistake != nil { throw ExitCode.negative }
    if verifiers.isEmpty {
      throw Stop.unknown("nobody has checked the signature of its checkpoint: name the public key with --key")
    }
  }
}

extension CheckpointTally {
  fileprivate var sentence: String {
    var sentence = "\(hold) \(hold == 1 ? "checkpoint holds" : "checkpoints hold")"
    if hold > 0 { sentence += ", \(signed) with a signature that was checked" }
    if provenThrough > 0 { sentence += ": the entries 1 to \(provenThrough) are those that were signed for" }
    if tooOld > 0 { sentence += "; \(tooOld) of entries in the archive were not looked at" }
    return sentence
  }
}

extension ProofDocument {
  /// What it shows when it holds.
  fileprivate var sentence: String {
    switch self {
    case .inclusion(_, let index, _, let note):
      "the proof holds: entry \(index + 1) is in the log \(note.origin) of \(note.size) entries"
    case .consistency(let old, let new, _):
      "the proof holds: the first \(old.size) entries of \(new.origin) are the beginning of its first \(new.size)"
    }
  }
}

extension SignedNote {
  fileprivate var origin: String { (try? Checkpoint(text).origin) ?? "?" }
  fileprivate var size: Int64 { (try? Checkpoint(text).size) ?? 0 }
}

private struct ProofReport: Encodable {
  var holds: Bool
  var signatureChecked: Bool
  var why: String?
}

private struct VerifyReport: Encodable {
  var store: String
  var entries: Int64
  var head: String
  var whole: Bool
  var firstBadEntry: Int64?
  var finding: String?
  var archived: Int64?
  var archiveWasRead: Bool?
  var checkpoints: Checkpoints?

  struct Checkpoints: Encodable {
    var hold: Int
    var signed: Int
    var notLookedAt: Int
    var provenThrough: Int64
  }

  init(_ report: AuditReport) {
    store = report.store
    entries = report.entries
    head = report.head
    whole = report.isWhole
    firstBadEntry = report.finding?.badEntry
    finding = report.finding?.description
    archived = report.archived == 0 ? nil : report.archived
    archiveWasRead = report.archived == 0 ? nil : report.archiveWasRead
    checkpoints = report.checkpoints.map {
      Checkpoints(hold: $0.hold, signed: $0.signed, notLookedAt: $0.tooOld, provenThrough: $0.provenThrough)
    }
  }
}
