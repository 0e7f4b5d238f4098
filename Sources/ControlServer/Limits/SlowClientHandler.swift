import NIOCore
import NIOHTTPTypes

/// Closes connections whose client takes too long: to send a request, from its first byte to its last, or to take what it
/// is sent.
///
/// What is there at once costs no timer. The state is of one connection, and touched by its event loop only.
final class SlowClientHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let patience: TimeAmount
  private var isReading = false
  private var readTimer: Scheduled<Void>?
  private var writeTimer: Scheduled<Void>?

  init(patience: TimeAmount) { self.patience = patience }

  /// A request has begun long before there is a head of it.
  func handlerAdded(context: ChannelHandlerContext) {
    let bytes = ByteHandler { [self] in isReading = true }
    do {
      try context.pipeline.syncOperations.addHandler(bytes, position: .first)
    } catch {
      context.fireErrorCaught(error)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head: isReading = true
    case .body: break
    case .end:
      isReading = false
      readTimer?.cancel()
      readTimer = nil
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if isReading, readTimer == nil { readTimer = closing(context) }
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      writeTimer?.cancel()
      writeTimer = nil
    } else if writeTimer == nil {
      writeTimer = closing(context)
    }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    cancel()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { cancel() }

  private func cancel() {
    readTimer?.cancel()
    writeTimer?.cancel()
    readTimer = nil
    writeTimer = nil
  }

  private func closing(_ context: ChannelHandlerContext) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }
}

/// Tells of bytes before anybody makes something of them.
private final class ByteHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let onBytes: () -> Void

  init(onBytes: @escaping () -> Void) { self.onBytes = onBytes }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    onBytes()
    context.fireChannelRead(data)
  }
}
