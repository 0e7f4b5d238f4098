import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

extension Session {
  /// - Returns: `false` to leave.
  func goesOn(_ wish: Interrupt.Wish, _ id: RunID, _ screen: inout RunView) -> Bool {
    screen.rest()
    guard wish == .ask, isatty(STDIN_FILENO) == 1, Console.isTerminal else { return false }
    let question = Question(
      text: "\n[p]ause, [a]bort and roll back, [d]etach and leave it as it is, [c]ontinue? (Ctrl-C again detaches)")
    guard case .line(let line) = question.ask(isInterrupted: { interrupt.take() != nil }) else { return false }
    switch line.lowercased().first {
    case "p": act(.pause, on: id)
    case "a": act(.abort, on: id)
    case "d": return false
    default: break
    }
    return true
  }

  /// One who only watches would wait for ever while nobody drives: says so when it begins, and when it is over.
  func mindDriver(_ id: RunID, _ store: ReadingStore, _ screen: inout RunView) {
    guard !isDriving, ContinuousClock.now >= nextLook else { return }
    nextLook = .now + .seconds(1)
    let isDriven = store.driver != nil
    defer { wasDriven = isDriven }
    guard isDriven != wasDriven else { return }
    screen.rest()
    Console.error(
      isDriven
        ? "a controller drives this store again"
        : "nobody drives this store, so run \(id) does not advance. Go on with: headgate attach \(id)\(access.hint)")
  }

  /// Stops to drive, and says how to go on.
  ///
  /// - Returns: what to end with: how the run ends is not known here.
  func leave(_ id: RunID) -> ExitCode {
    stop()
    let isLeftAlone = isDriving || (try? access.asking().driver) == nil
    Console.error(
      isLeftAlone
        ? "detached: nobody drives run \(id). Go on with: headgate attach \(id)\(access.hint)\(rehearsal)"
        : "run \(id) goes on without this terminal. Look again with: headgate watch \(id)\(access.hint)")
    return .unknown
  }

  private func act(_ act: Act, on id: RunID) {
    do {
      _ = try Asking(store: try access.asking(), identity: identity).ask(.act(id, act))
    } catch {
      Console.error("headgate: \(error)")
    }
  }
}
