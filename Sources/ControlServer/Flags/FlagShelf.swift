import Synchronization

/// The flags that are served: a page for each environment, taken by those who evaluate and replaced as a whole by those
/// who know of changes.
package final class FlagShelf: Sendable {
  private struct State {
    var pages: [String: FlagPage] = [:]
    var listeners: [Int: @Sendable (FlagPage) -> Void] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// In order.
  package var environments: [String] { state.withLock { $0.pages.keys.sorted() } }

  /// `nil`: there is no such environment. Never waits for whoever makes a new page.
  package func page(of environment: String) -> FlagPage? { state.withLock { $0.pages[environment] } }

  /// The one environment there is; `nil` with none or several.
  package var only: FlagPage? {
    state.withLock { $0.pages.count == 1 ? $0.pages.first?.value : nil }
  }

  /// Replaces the page of its environment, and tells everybody who listens when its definition is another one.
  package func put(_ page: FlagPage) {
    let listeners = state.withLock { state in
      let before = state.pages.updateValue(page, forKey: page.environment)
      return before?.tag == page.tag ? [] : Array(state.listeners.values)
    }
    for listener in listeners { listener(page) }
  }

  /// Takes an environment away.
  package func remove(_ environment: String) { state.withLock { _ = $0.pages.removeValue(forKey: environment) } }

  /// Calls `listener` with every page that differs from the one before, on the thread that put it, until the listening is
  /// given up. Pages come in the order they were put.
  package func listen(_ listener: @escaping @Sendable (FlagPage) -> Void) -> Listening {
    let number = state.withLock { state in
      state.next += 1
      state.listeners[state.next] = listener
      return state.next
    }
    return Listening(shelf: self, number: number)
  }

  /// Ends by `end` only.
  package struct Listening: Sendable {
    fileprivate let shelf: FlagShelf
    fileprivate let number: Int

    package func end() { shelf.state.withLock { _ = $0.listeners.removeValue(forKey: number) } }
  }
}
