package import PipelineModel
import PluginKit

extension HTTPReply {
  /// The JSON that the body is, as it came.
  ///
  /// - Throws: `misconfigured` when the body is something else; `transient` when it began as JSON and is damaged.
  package func json() throws(Failure) -> Answer {
    let first = body.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
    guard let first, "{[\"-0123456789tfn".utf8.contains(first) else {
      throw Failure(.misconfigured, "HTTP \(status) and no JSON: \(excerpt)")
    }
    do {
      return try JSONReader.answer(in: body)
    } catch {
      throw Failure(.transient, "HTTP \(status) with damaged JSON, \(error): \(excerpt)")
    }
  }
}

extension HiddenSecrets {
  /// The answer with every secret in its texts blotted out: it is written down and shown.
  package func hidden(in answer: Answer) -> Answer {
    switch answer {
    case .number, .null, .bool: answer
    case .text(let text): .text(hidden(in: text))
    case .list(let items): .list(items.map { hidden(in: $0) })
    case .object(let members):
      .object(members.map { Answer.Member(name: hidden(in: $0.name), value: hidden(in: $0.value)) })
    }
  }
}
