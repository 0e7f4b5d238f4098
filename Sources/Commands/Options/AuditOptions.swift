import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel
import Proofs
import SQLiteStore

/// Where entries lie that were moved out of the store.
struct ArchiveOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Folder of the entries that were moved out of the store.", valueName: "folder"),
    completion: .directory)
  var archive: String?
}

/// Whose signatures count.
struct KeyOptions: ParsableArguments {
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      "A public key, or a file with one; may be given several times.",
      discussion: "Unless given, that of the key in headgate.yaml.", valueName: "key"))
  var keys: [String] = []

  /// - Parameter options: where an installation is looked for when no key is given.
  func verifiers(_ options: StoreOptions) throws -> [NoteVerifier] {
    if keys.isEmpty { return (try? Signatory(options)?.signer()).map { [$0.verifier] } ?? [] }
    return try keys.map { given in
      let text = given.contains("+") ? given : try Self.contents(of: given)
      do throws(NoteMistake) {
        return try NoteVerifier(text.trimmingCharacters(in: .whitespacesAndNewlines))
      } catch {
        throw Stop(code: .badFile, description: "--key \(given): \(error)")
      }
    }
  }

  private static func contents(of path: String) throws -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Stop.unknown("--key \(path): there is no such file, and it is not a key: those are name+hint+base64")
    }
    return text
  }
}

/// Who signs in an installation.
struct Signatory {
  let signing: Signing

  /// `nil`: there is no installation, or nothing is signed in it.
  init?(_ options: StoreOptions) throws {
    guard let (installation, base) = try Loader(warns: false).installation(options, .readable),
      installation.audit.key != nil
    else { return nil }
    let access = try StoreAccess(options, installation: (installation, base))
    let backends = Workshop.current.backends(
      installation, .init(baseDirectory: base, stateDirectory: access.stateDirectory, now: { .wall }))
    guard let signing = backends.signing else { return nil }
    self.signing = signing
  }

  func signer() throws -> NoteSigner {
    do throws(Failure) {
      return try signing.awaitSigner()
    } catch {
      throw Stop.unknown(error.message)
    }
  }
}

/// Files of checkpoints and proofs.
enum ProofFiles {
  static func checkpoints(_ path: String) throws -> [SignedCheckpoint] {
    let text = try text(of: path)
    do throws(CheckpointFile.Mistake) {
      return try CheckpointFile.read(text)
    } catch {
      throw Stop(code: .badFile, description: "\(path):\(error.line): error: \(error.reason)")
    }
  }

  static func proof(_ path: String) throws -> ProofDocument {
    let text = try text(of: path)
    do throws(NoteMistake) {
      return try ProofDocument(json: Array(text.utf8))
    } catch {
      throw Stop(code: .badFile, description: "\(path): error: \(error)")
    }
  }

  private static func text(of path: String) throws -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Stop.unknown("\(path) cannot be read")
    }
    return text
  }
}
