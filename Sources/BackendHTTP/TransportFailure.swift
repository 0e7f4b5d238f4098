import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import PipelineModel
import PluginKit

/// What it means that no answer could be had.
func transportFailure(_ error: any Error) -> Failure {
  switch error {
  case let failure as Failure: return failure
  case let error as TooLarge:
    return Failure(.rejected, "\(error.what) has more than \(error.limit) bytes; ask for less, as by a sum")
  case is CancellationError: return Failure(.transient, "the question was cancelled")
  case HTTPParserError.invalidEOFState: return Failure(.transient, "the answer broke off")
  case is HTTPParserError: return Failure(.misconfigured, "what answers there does not speak HTTP; is `url` right?")
  case let error as NIOSSLError: return tlsFailure(error)
  case let error as NIOSSLExtraError: return Failure(.misconfigured, "\(trust): \("\(error)".excerpt(200))")
  case let error as HTTPClientError where error == .cancelled: return Failure(.transient, "the question was cancelled")
  case let error as HTTPClientError: return Failure(.transient, error.shortDescription)
  case let error as NIOConnectionError: return connectionFailure(error)
  case let error as IOError: return Failure(.transient, String(cString: strerror(error.errnoCode)))
  case let error as ChannelError where wasClosedBeforeAnAnswer(error):
    return Failure(.transient, "the connection was closed")
  default: return Failure(.transient, "\(error)".excerpt(200))
  }
}

/// Whether the server closed the connection and had answered nothing on it.
func wasClosedBeforeAnAnswer(_ error: any Error) -> Bool {
  switch error {
  case let error as HTTPClientError: error == .remoteConnectionClosed
  case let error as IOError: [ECONNRESET, EPIPE].contains(error.errnoCode)
  // It was closed before anything was sent.
  case let error as ChannelError: [.ioOnClosedChannel, .alreadyClosed, .eof].contains(error)
  default: false
  }
}

private let trust =
  "its certificate is not one to trust: expired, for another name, or of another authority than `tls` names"

private func connectionFailure(_ error: NIOConnectionError) -> Failure {
  if let first = error.connectionErrors.first { return transportFailure(first.error) }
  if error.dnsAError != nil || error.dnsAAAAError != nil {
    return Failure(.transient, "the name \(error.host) cannot be resolved")
  }
  return Failure(.transient, "no connection to \(error.host):\(error.port)")
}

/// The library's reasons are codes in a text; each named here is one that trying again does not mend.
private func tlsFailure(_ error: NIOSSLError) -> Failure {
  let text = "\(error)"
  if text.contains("CERTIFICATE_VERIFY_FAILED") { return Failure(.misconfigured, trust) }
  if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
    return Failure(.misconfigured, "what answers there does not speak TLS; should `url` begin with http:?")
  }
  if text.contains("ALERT") {
    return Failure(.misconfigured, "it refuses the connection, perhaps our certificate: \(text.excerpt(200))")
  }
  switch error {
  case .failedToLoadCertificate, .failedToLoadPrivateKey, .unableToAllocateBoringSSLObject:
    return Failure(.misconfigured, "the client's certificate and key under `tls` do not fit together")
  default: return Failure(.transient, "no TLS connection: \(text.excerpt(200))")
  }
}
