import Testing

@testable import PipelineSyntax

/// Our regular expressions say the same as the standard library's wherever both understand the pattern.
@Suite struct PatternTests {
  @Test(arguments: [
    "[0-9a-f]{7,40}", "v\\d+(\\.\\d+)*", "a|bc|", "(a|b)*c?", "^abc$", "[^a-c]+", "a{2}", "a{2,}", "[a\\-c]",
    "(?:ab)+?",
    "\\w+-\\S", ".*", "x(y(z|)){0,2}",
  ])
  func `a pattern says what the standard library says`(text: String) throws {
    let ours = try Pattern(text)
    let theirs = try Regex(text)
    var random = SplitMix(seed: 1)
    let letters = Array("abcvxyz019.-_f")
    for _ in 0..<500 {
      let value = String((0..<random.next(below: 9)).map { _ in letters[random.next(below: letters.count)] })
      #expect(try ours.matchesAll(of: value) == (theirs.wholeMatch(in: value) != nil), "\(value)")
    }
  }

  @Test(arguments: [
    "(", ")", "[", "a**", "*", "a{2", "a{3,2}", "\\", "(?=a)", "\\1", "[z-a]", "a{1000}{1000}",
    "((a{1000}){1000}){1000}", "a^b",
  ])
  func `what is no pattern is refused`(text: String) {
    #expect(throws: Pattern.Mistake.self) { try Pattern(text) }
  }

  @Test func `no pattern takes forever`() throws {
    #expect(try !Pattern("(a+)+").matchesAll(of: String(repeating: "a", count: 500) + "b"))
    #expect(try Pattern("(a|a)*b").matchesAll(of: String(repeating: "a", count: 500) + "b"))
  }
}
