import ControlServer
import Controller
import Flags
import Foundation
import Logging
import PipelineModel
import SQLiteStore
import Synchronization

/// Everything that `headgate serve` begins, and ends.
struct ServingHouse {
  private let installation: Installation
  private let base: URL
  private let access: StoreAccess
  private let log = Logger(label: "headgate.serve")

  init(_ installation: Installation, baseDirectory: String, access: StoreAccess) throws {
    self.installation = installation
    base = URL(filePath: baseDirectory, directoryHint: .isDirectory)
    self.access = access
  }

  /// Serves until the process is told to end.
  func serve(drives: Bool, onListening: @escaping @Sendable (Serving.Address, Bool) -> Void) throws {
    Console.outliveReaders()
    let shelf = FlagShelf()
    // What is wrong with the file is told before anything begins.
    let (tokens, files) = (try tokens(), try files(of: shelf))
    let feed = StoreFlagFeed(access.path, shelf: shelf, except: installation.serve.sources.map(\.environment))
    let driver = StoreDriver(installation, baseDirectory: base.path, access: access, onNews: feed.ring)
    if drives { try driver.begin() }
    defer { driver.end() }
    try access.explained { () throws(JournalFailure) in try feed.update() }
    for environment in installation.flags.environments where shelf.page(of: environment.name) == nil {
      shelf.put(.empty(environment.name))
    }
    let server = ControlServer(
      installation.serve, tokens: tokens, shelf: shelf,
      office: StoreFlagOffice(
        access, rules: HouseRules(installation), reads: installation.audit.reads, settle: feed.update),
      recorder: try recorder(),
      services: files + [feed] + (drives ? [driver] : []), log: log, now: { .wall })
    let isDriving = driver.isDriving
    try outcome { try await server.run { onListening($0, isDriving) } }
  }

  private func files(of shelf: FlagShelf) throws -> [any ServerPart] {
    var parts: [any ServerPart] = []
    for source in installation.serve.sources {
      let reader = FlagFileReader(environment: source.environment, path: path(source.path), shelf: shelf, log: log)
      do {
        try reader.load()
      } catch {
        throw Stop(code: .badFile, description: "\(error)")
      }
      parts.append(reader)
    }
    for file in installation.serve.files {
      parts.append(FlagFileSink(environment: file.environment, path: path(file.path), shelf: shelf, log: log))
    }
    return parts
  }

  private func path(_ path: String) -> String { URL(fileURLWithPath: path, relativeTo: base).path }

  private func tokens() throws -> TokenBook {
    let (installation, tokens, base) = (installation, installation.serve.tokens, base)
    return try outcome {
      var values: [String] = []
      for token in tokens {
        values.append(try await Workshop.current.secret(token.secret, installation, base.path))
      }
      return try TokenBook(tokens, values: values)
    }
  }

  private func recorder() throws -> EvaluationRecorder {
    let exposures = installation.serve.exposures
    let path = EvaluationStore.path(besides: access.path)
    let store = try access.explained { () throws(JournalFailure) in
      try EvaluationStore.open(path, subjects: exposures.subjects, now: .wall)
    }
    return EvaluationRecorder(
      store, keep: exposures.keep, tally: .init(exposures: exposures.subjects == .none ? 0 : 100_000), log: log,
      now: { .wall })
  }

  /// Waits on this thread for what is done elsewhere; whatever goes wrong ends the command with a sentence.
  private func outcome<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<Value, any Error>?>(nil)
    Task.detached {
      do {
        let value = try await work()
        result.withLock { $0 = .success(value) }
      } catch {
        result.withLock { $0 = .failure(error) }
      }
      done.signal()
    }
    done.wait()
    do {
      guard let value = try result.withLock({ try $0?.get() }) else { throw Stop.unknown("the server gave no answer") }
      return value
    } catch let stop as Stop {
      throw stop
    } catch let failure as Failure {
      throw Stop.unknown(failure.message)
    } catch {
      throw Stop.unknown("\(error)")
    }
  }
}

extension EvaluationStore: EvaluationArchive {}
