import Flags
import Hummingbird

/// What is known about a user, as a request for an evaluation says it.
struct EvaluationRequest {
  var context = JSONObject()

  /// The targeting key; `nil`: it has none.
  var subject: String? { context["targetingKey"]?.text }

  /// Why a body is none, in OFREP's terms.
  struct Refusal: Error {
    var code: StaticString
    var details: String
  }

  /// Reads `{"context": {…}}`; no body, no context and an empty one are all the same.
  init(_ bytes: [UInt8]) throws(Refusal) {
    if bytes.isEmpty { return }
    let value: JSONValue
    do throws(JSONRefusal) {
      value = try JSONParser.value(in: bytes, limits: .context)
    } catch {
      throw Refusal(code: "PARSE_ERROR", details: "the request is not JSON that is read here: \(error)")
    }
    guard let body = value.object else {
      throw Refusal(code: "PARSE_ERROR", details: "the request is \(value.kindName); send {\"context\": {…}}")
    }
    guard let context = body["context"], !context.isNull else { return }
    guard let context = context.object else {
      throw Refusal(code: "INVALID_CONTEXT", details: "the context is \(context.kindName); send an object")
    }
    if let key = context["targetingKey"], key.text == nil {
      throw Refusal(code: "INVALID_CONTEXT", details: "the targetingKey is \(key.kindName); send a text")
    }
    self.context = context
  }
}

extension EvaluationRequest.Refusal {
  func response(of key: String?) -> Response {
    var answer = OFREPAnswer()
    answer.append("{\"errorCode\":")
    answer.append(text: "\(code)")
    answer.append(",\"errorDetails\":")
    answer.append(text: details)
    if let key {
      answer.append(",\"key\":")
      answer.append(text: key)
    }
    answer.append("}")
    return answer.response(.badRequest)
  }
}
