import Synchronization

/// The streams that tell clients to ask again, and the beat that keeps them open.
final class ChangeStreams: ServerPart {
  enum News: Sendable {
    case page(FlagPage)
    /// Nothing new; a client that has gone is found out by it.
    case beat
  }

  private struct State {
    var streams: [Int: (environment: String, send: AsyncStream<News>.Continuation)] = [:]
    var next = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let most: Int
  private let shelf: FlagShelf
  private static let beat = Duration.seconds(15)

  init(of shelf: FlagShelf, most: Int) {
    self.shelf = shelf
    self.most = most
  }

  var count: Int { state.withLock { $0.streams.count } }

  /// Changes of an environment from now on; of several that nobody has taken the last alone. Ends when the server does.
  func open(_ environment: String) throws(Problem) -> AsyncStream<News> {
    let (news, send) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingNewest(1))
    let number: Int? = state.withLock { state in
      guard state.streams.count < most, !state.isClosed else { return nil }
      state.next += 1
      state.streams[state.next] = (environment, send)
      return state.next
    }
    guard let number else {
      throw Problem(.unavailable, "there are \(most) streams already", mend: "ask from time to time", retryAfter: 30)
    }
    send.onTermination = { [weak self] _ in self?.close(number) }
    return news
  }

  private func close(_ number: Int) { state.withLock { _ = $0.streams.removeValue(forKey: number) } }

  func run() async throws {
    let listening = shelf.listen { [weak self] page in
      self?.tell(.page(page)) { $0 == page.environment }
    }
    try? await untilTheEnd {
      while true {
        try await Task.sleep(for: Self.beat)
        self.tell(.beat) { _ in true }
      }
    }
    listening.end()
    let streams = state.withLock { state in
      state.isClosed = true
      return state.streams.values.map(\.send)
    }
    for stream in streams { stream.finish() }
  }

  private func tell(_ news: News, where isMeant: (String) -> Bool) {
    let streams = state.withLock { $0.streams.values.filter { isMeant($0.environment) }.map(\.send) }
    for stream in streams {
      // A page that waits to be taken is not lost to a beat: the client is told of it instead.
      if case .beat = news, case .dropped(.page(let page)) = stream.yield(.beat) {
        stream.yield(.page(page))
      } else if case .page = news {
        stream.yield(news)
      }
    }
  }
}
