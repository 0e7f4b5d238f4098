import Foundation
import Testing

@testable import PluginKit

@Suite struct SecretFormsTests {
  @Test(arguments: ["plain", #"to"k\é/Secret1"#, "two\nlines\t🔑", "\u{1}bell"])
  func `a secret is known however JSON writes it`(_ secret: String) throws {
    for options in [[], .withoutEscapingSlashes] as [JSONEncoder.OutputFormatting] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = options
      let written = String(decoding: try encoder.encode([secret]), as: UTF8.self).dropFirst(2).dropLast(2)
      #expect(secret.formsOfASecret.contains(String(written)), "\(written)")
    }
    let ascii = secret.formsOfASecret.filter { $0.allSatisfy(\.isASCII) }.subtracting([secret, secret.percentEscaped])
    #expect(!ascii.isEmpty || secret == "plain")
    for form in ascii {
      let read = try JSONDecoder().decode([String].self, from: Data("[\"\(form)\"]".utf8))
      #expect(read == [secret])
    }
  }

  @Test func `a secret is blotted out as it stands, in JSON and in a URL, and leaves no half of another`() {
    let secrets = HiddenSecrets([#"a"b/c"#, #"a"b/c d"#, ""])
    #expect(secrets.hidden(in: #"? a"b/c d, "a\"b\/c" a%22b%2Fc%20d."#) == "? •••, \"•••\" •••.")
    #expect(secrets.isSeen(in: "a%22b%2Fc") && !secrets.isSeen(in: "a%22b") && !HiddenSecrets().isSeen(in: ""))
    #expect(secrets.with(["b%2F"]).excerpt("xb%2Fx", 10) == "x•••x")
  }
}
