import ArgumentParser
import Controller
import Foundation
import Logging
import PipelineModel

extension Headgate {
  /// Reads the command line, does what it says, and exits with the code that `--help` promises.
  package static func start() -> Never {
    // A file that may not grow is told as one that cannot be written.
    signal(SIGXFSZ, SIG_IGN)
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    do {
      var command = try parseAsRoot()
      try command.run()
      Foundation.exit(0)
    } catch let refusal as FileRefusal {
      for diagnostic in refusal.diagnostics { Console.error(diagnostic.shown(with: Console.styledForErrors)) }
      Foundation.exit(ExitCode.badFile.rawValue)
    } catch let stop as Stop {
      Console.error("headgate: \(stop.description)")
      Foundation.exit(stop.code.rawValue)
    } catch let failure as JournalFailure {
      Console.error("headgate: \(failure.description)")
      Foundation.exit(ExitCode.unknown.rawValue)
    } catch let failure as Failure {
      Console.error("headgate: \(failure.message)")
      Foundation.exit((failure.kind == .misconfigured ? ExitCode.badFile : .unknown).rawValue)
    } catch {
      Self.exit(withError: error)
    }
  }
}
