import ControlServer
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@Suite struct ProblemTests {
  @Test(arguments: Problem.Code.allCases) func `a problem says what, why and how to mend it`(code: Problem.Code)
    async throws
  {
    let router = Router()
    router.get("x") { _, _ -> Response in
      throw Problem(code, "the \"kettle\" is on", mend: "take it off", retryAfter: 3)
    }
    try await Application(router: router).test(.router) { client in
      try await client.execute(uri: "/x", method: .get) { response in
        #expect(response.status.code >= 400)
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(response.headers[.retryAfter] == "3")
        let body = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: Any]
        #expect(body?["code"] as? String == code.rawValue)
        #expect(body?["detail"] as? String == "the \"kettle\" is on")
        #expect(body?["mend"] as? String == "take it off")
        #expect(body?["status"] as? Int == response.status.code)
      }
    }
  }
}
