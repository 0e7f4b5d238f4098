import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

extension Session {
  /// - Returns: `false` to leave.
  func goesOn(_ wish: Interrupt.Wish, _ follower: Follower, _ screen: inout RunView) throws -> Bool {
    screen.rest()
    guard wish == .ask, isatty(STDIN_FILENO) == 1, Console.isTerminal else { return false }
    switch try Question(text: question).ask(meanwhile: { try meanwhile(follower, screen) }) {
    case .gone: return false
    case .overtaken: return true
    case .line(let line):
      // The run may have ended in the very moment.
      switch try meanwhile(follower, screen) {
      case .overtaken: return true
      case .interrupted: return false
      case .quiet, .printed: return obey(line, follower.id)
      }
    }
  }

  private var question: String {
    let also = others == 0 ? "" : "\n\(others.runs) driven from here too, and left alone when this terminal detaches."
    return """
      \(also)
      [p]ause, [a]bort and roll back, [d]etach and leave it as it is, [c]ontinue?
      The letter, a reason behind it if you like, then Enter (Ctrl-C again detaches).
      """
  }

  /// What goes on while the question stands.
  private func meanwhile(_ follower: Follower, _ screen: RunView) throws -> Question.Meanwhile {
    if interrupt.take() != nil { return .interrupted }
    let news = try follower.news()
    try tell(news, screen)
    if follower.outcome != nil || isDriving && driver.failure != nil { return .overtaken }
    return news.contains(where: screen.isShown) ? .printed : .quiet
  }

  /// `p`, `abort wrong version`.
  ///
  /// - Returns: `false` to leave.
  private func obey(_ line: String, _ id: RunID) -> Bool {
    let words = line.split(separator: " ", maxSplits: 1)
    let reason = words.dropFirst().first.map(String.init)
    switch words.first?.lowercased().first {
    case "p": act(.pause, on: id, because: reason)
    case "a": act(.abort, on: id, because: reason)
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
        : "nobody drives this store, so run \(id) does not advance. Go on with: \(access.attach(id, rehearsal))")
  }

  /// Stops to drive, and says how to go on.
  ///
  /// - Returns: what to end with: how the run ends is not known here.
  func leave(_ id: RunID) -> ExitCode {
    let isLeftAlone = isDriving || (try? access.asking().driver) == nil
    let also = others == 0 ? "" : ", nor \(others == 1 ? "another one" : "\(others) others") in this store"
    stop()
    defer { tellWaiting() }
    Console.error(
      isLeftAlone
        ? "detached: nobody drives run \(id)\(also). Go on with: \(access.attach(id, rehearsal))"
        : "run \(id) goes on without this terminal. Look again with: headgate watch \(id)\(access.hint)")
    return .unknown
  }

  /// For a reason of its own: the one that the run was started for is another one.
  private func act(_ act: Act, on id: RunID, because reason: String?) {
    var identity = identity
    identity.reason = reason
    do {
      _ = try Asking(access, identity).ask(.act(id, act))
    } catch {
      Console.error("headgate: \(error)")
    }
  }
}

extension Int {
  /// As the subject of a sentence, with its verb.
  fileprivate var runs: String { self == 1 ? "Another run is" : "\(self) other runs are" }
}
