import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel

extension Session {
  /// - Throws: `ExitCode` 2 to leave: how the run ends is then not known here.
  func heed(_ wish: Interrupt.Wish, _ id: RunID, _ screen: inout RunView) throws {
    screen.rest()
    guard wish == .ask, isatty(STDIN_FILENO) == 1, Console.isTerminal else { return try leave(id) }
    let question = Question(
      text: "\n[p]ause, [a]bort and roll back, [d]etach and leave it as it is, [c]ontinue? (Ctrl-C again detaches)")
    switch question.ask(isInterrupted: { interrupt.take() != nil }) {
    case .gone: try leave(id)
    case .line(let line):
      switch line.lowercased().first {
      case "p": act(.pause, on: id)
      case "a": act(.abort, on: id)
      case "d": try leave(id)
      default: break
      }
    }
  }

  private func leave(_ id: RunID) throws {
    stop()
    Console.error(
      isDriving
        ? "detached: nobody drives run \(id) now. Go on with: headgate attach \(id)\(access.hint)\(rehearsal)"
        : "run \(id) goes on without this terminal. Look again with: headgate watch \(id)\(access.hint)")
    throw ExitCode.unknown
  }

  private func act(_ act: Act, on id: RunID) {
    do {
      _ = try Asking(store: try access.asking(), identity: identity).ask(.act(id, act))
    } catch {
      Console.error("headgate: \(error)")
    }
  }
}
