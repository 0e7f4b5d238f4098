import Foundation
import PluginKit
import Testing

@Suite struct SecretFormsTests {
  @Test(arguments: ["plain", #"to"k\é/Secret1"#, "two\nlines\t🔑", "\u{1}bell"])
  func `a secret is known however JSON writes it`(_ secret: String) throws {
    for options in [[], .withoutEscapingSlashes] as [JSONEncoder.OutputFormatting] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = options
      let written = String(decoding: try encoder.encode([secret]), as: UTF8.self).dropFirst(2).dropLast(2)
      #expect(secret.formsOfASecret.contains(String(written)), "\(written)")
    }
    let ascii = secret.formsOfASecret.filter { $0.allSatisfy(\.isASCII) }
    #expect(!ascii.isEmpty)
    for form in ascii where form != secret {
      let read = try JSONDecoder().decode([String].self, from: Data("[\"\(form)\"]".utf8))
      #expect(read == [secret])
    }
  }
}
