import Controller
import PipelineModel
import Proofs

extension Signing {
  /// Waits until the key has been read.
  func awaitSigner() throws(Failure) -> NoteSigner {
    let read = Waiting<Result<NoteSigner, Failure>>.result { [signer] in
      do throws(Failure) {
        return .success(try await signer())
      } catch {
        return .failure(error)
      }
    }
    guard let read else { throw Failure(.transient, "the key was not read") }
    return try read.get()
  }
}
