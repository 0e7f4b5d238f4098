package import Engine
import Proofs

extension FlagProposal {
  /// What an approver names: the digest of all that the approval is for.
  package var hash: String { Digest.text(of: boundText) }
}
