import ArgumentParser
import Foundation
import Proofs

struct AuditKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Makes the key that checkpoints are signed with.",
    discussion: """
      EXAMPLES
        headgate audit key new --name example.com/log --output audit.key > log.pub
        headgate audit key public > log.pub
      """,
    subcommands: [AuditKeyNew.self, AuditKeyPublic.self])
}

struct AuditKeyNew: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Makes a new key: the private part in a file, the public part on standard output.",
    discussion: """
      The name is that of the log, for people and in every checkpoint; best an address of yours, without https://. Keep \
      the private part from whoever can write the store, and the public part where auditors find it.

      EXAMPLE
        headgate audit key new --name example.com/log --output audit.key > log.pub
      """)

  @Option(help: "Name of the log, without blanks and `+`.") var name: String
  @Option(help: "The file for the private part; it must not exist.", completion: .file()) var output: String
  @OptionGroup var format: FormatOption

  func run() throws {
    let signer: NoteSigner
    do throws(NoteMistake) {
      signer = try NoteSigner(name: name)
    } catch {
      throw Stop(code: .wrongUsage, description: "--name \(name): \(error)")
    }
    try keep(signer.secret + "\n")
    if format.isJSON { return try Console.json(AuditKeyReport(key: "\(signer)", privatePart: output)) }
    Console.print("\(signer)")
    Console.error(
      "the private part is in \(output). In headgate.yaml: audit: { key: { secret: audit } } and "
        + "secrets: { audit: { file: \(output) } }")
  }

  private func keep(_ secret: String) throws {
    let descriptor = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Stop.unknown(
        errno == EEXIST
          ? "\(output) exists already; a key is never written over. Name another file, or remove it"
          : "\(output) cannot be written: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let bytes = Array(secret.utf8)
    guard fchmod(descriptor, 0o600) == 0, write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
    else { throw Stop.unknown("\(output) cannot be written: \(String(cString: strerror(errno)))") }
  }
}

struct AuditKeyPublic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "public", abstract: "Prints the public part of the key that headgate.yaml names.",
    discussion: """
      EXAMPLE
        headgate audit key public > log.pub
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    guard let signatory = try Signatory(store) else {
      throw Stop(code: .wrongUsage, description: "headgate.yaml names no key: `audit: { key: { secret: NAME } }`")
    }
    let key = "\(try signatory.signer())"
    if format.isJSON { return try Console.json(AuditKeyReport(key: key)) }
    Console.print(key)
  }
}

private struct AuditKeyReport: Encodable {
  /// The public part.
  var key: String
  /// The file that the private part is in, when it was made now.
  var privatePart: String?
}
