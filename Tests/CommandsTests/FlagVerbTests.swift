import Foundation
import LiveRig
import Testing

/// Flags as people and scripts use them: made, changed, approved, explained, taken back, and proved.
@Suite struct FlagVerbTests {
  private struct Answer: Decodable {
    struct Revision: Decodable {
      var revision: Int64
      var state: String
    }
    struct Proposal: Decodable {
      var proposal: Int64
      var state: String
      var hash: String
    }
    var revisions: [Revision]
    var proposals: [Proposal]
  }

  private struct Evaluation: Decodable {
    var value: Bool?
    var variant: String?
    var reason: String
    var revision: Int64?
    var path: [String]?
  }

  @Test func `a flag is made, turned on, evaluated, killed and kept off, without anybody driving`() async throws {
    try await Scratch.with { scratch in
      try scratch.configure("actingFor: anybody")
      let headgate = scratch.headgate
      func flag(_ words: String...) async throws -> HeadgateProgram.Ending {
        try await headgate.run(["flag"] + words + ["--as", "ada"])
      }
      let made = try await flag("create", "new-checkout", "-e", "staging", "--owner", "payments", "--yes")
      #expect(made.code == 0, "\(made.errors)")
      #expect(made.out.contains("new-checkout in staging was created by ada (said by"))
      let asked = try await flag("on", "new-checkout", "-e", "staging")
      #expect(asked.code == 64)
      #expect(asked.errors.contains("add --yes"))
      let on = try await flag("on", "new-checkout", "-e", "staging", "--yes")
      #expect(on.out.contains("10000 of 10000 people move (100.00 %)"))
      #expect(on.out.contains("the client's own default → `on`"))
      let evaluated = try await headgate(
        "flag", "eval", "new-checkout", "-e", "staging", "--key", "user-7", "--format", "json")
      let evaluation = try evaluated.json(Evaluation.self)
      #expect(evaluation.value == true && evaluation.reason == "STATIC" && evaluation.revision == 2)
      #expect(try await flag("kill", "new-checkout", "-e", "staging", "--reason", "INC-1").code == 0)
      let refused = try await flag("on", "new-checkout", "-e", "staging", "--yes")
      #expect(refused.code == 1)
      #expect(refused.errors.contains("say with --reason why it may be on again"))
      #expect(try await headgate("flag", "list").out.contains("latched"))
      let history = try await headgate("flag", "history", "new-checkout", "-e", "staging", "--all")
      #expect(history.lines.count == 4)
      #expect(history.out.contains(") asked to turn on new-checkout in staging, which was refused"))
      #expect(try await headgate("audit", "verify").code == 0)
    }
  }

  @Test func `production waits for a second person, and who asked cannot be that`() async throws {
    try await Scratch.with { scratch in
      try scratch.configure("actingFor: anybody")
      let headgate = scratch.headgate
      let made = try await headgate(
        "flag", "create", "f", "-e", "production", "--yes", "--as", "ada", "--format", "json")
      let proposal = try #require(try made.json(Answer.self).proposals.first)
      #expect(proposal.state == "open")
      let own = try await headgate("flag", "approve", "1", "--as", "ada", "--yes")
      #expect(own.code == 1)
      #expect(own.errors.contains("may not approve it"))
      let amended = try await headgate("flag", "amend", "1", "--owner", "search", "--as", "carol")
      #expect(amended.code == 0, "\(amended.errors)")
      #expect(try await headgate("flag", "approve", "1", "--as", "bob", "--hash", proposal.hash).code == 1)
      #expect(try await headgate("flag", "proposals", "1").out.contains("+ owner: search"))
      let asked = try await headgate("flag", "approve", "1", "--as", "bob")
      #expect(asked.code == 64)
      for shown in ["asked for by carol", "+ owner: search", "nobody of 10000 people moves", "hash sha256:"] {
        #expect(asked.out.contains(shown), "\(asked.all)")
      }
      let hash = try #require(asked.errors.firstMatch(of: #/add --hash (sha256:\w+) when it is meant/#)).output.1
      #expect(hash != proposal.hash)
      #expect(try await headgate("flag", "show", "f", "-e", "production").code == 2)
      #expect(try await headgate("flag", "approve", "1", "--as", "bob", "--hash", "\(hash)").code == 0)
      let shown = try await headgate("flag", "show", "f", "-e", "production")
      #expect(shown.out.contains("approved by: bob"))
    }
  }

  @Test func `a definition that is wrong is shown where, and exits with 65`() async throws {
    try await Scratch.with { scratch in
      let file = "\(scratch.folder)/f.json"
      try #"""
      {
        "state": "ENABLED",
        "variants": { "on": true, "off": "no" },
        "defaultVariant": "of",
        "targeting": { "iff": [true, "on"] }
      }
      """#.write(toFile: file, atomically: true, encoding: .utf8)
      let made = try await scratch.headgate("flag", "create", "f", "-e", "staging", "--file", file, "--yes")
      #expect(made.code == 65)
      #expect(made.errors.contains("f.json:3:"))
      #expect(made.errors.contains("f.json:4:"))
      #expect(made.errors.contains("f.json:5:"))
      #expect(try await scratch.headgate("flag", "list").out == "no flags\n")
      let rule = try await scratch.headgate("flag", "create", "f", "-e", "staging", "--rule", "{", "--yes")
      #expect(rule.code == 65)
      #expect(rule.errors.contains("--rule:1:2"))
    }
  }

  @Test func `a definition with more in it than a flag may have is refused where it is`() async throws {
    try await Scratch.with { scratch in
      let list = Array(repeating: "1", count: 100_001).joined(separator: ",")
      let flag = #"{"state":"ENABLED","variants":{"a":{"l":[\#(list)]}},"defaultVariant":"a"}"#
      let one = try scratch.rig.write(flag, to: "one.json")
      let made = try await scratch.headgate("flag", "create", "f", "-e", "staging", "--file", one, "--yes")
      #expect(made.code == 65 && made.errors.contains("more than 100000 values"), "\(made.all.prefix(500))")
      let many = try scratch.rig.write("{\"flags\": {\n\"f\": \(flag)}}", to: "many.json")
      let imported = try await scratch.headgate("flag", "import", many, "-e", "staging", "--yes")
      #expect(imported.code == 65 && imported.errors.contains("many.json:2:6"), "\(imported.all.prefix(500))")
    }
  }

  @Test func `flags go to a flagd document and come back as they were`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      let file = "\(scratch.folder)/flags.json"
      try #"""
      {"$evaluators": {"beta": {"ends_with": [{"var": "email"}, "@example.com"]}},
       "flags": {
         "a": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
               "targeting": {"if": [{"$ref": "beta"}, "on"]}},
         "b": {"state": "ENABLED", "variants": {"x": 1.0, "y": 2}, "defaultVariant": "x",
               "targeting": {"fractional": [["x", 1], ["y", 1]]}}}}
      """#.write(toFile: file, atomically: true, encoding: .utf8)
      let imported = try await headgate("flag", "import", file, "-e", "staging", "--yes")
      #expect(imported.code == 0, "\(imported.errors)")
      let exported = try await headgate("flag", "export", "-e", "staging")
      #expect(exported.out.contains("@example.com"))
      #expect(exported.out.contains("1.0"))
      let again = "\(scratch.folder)/again.json"
      try exported.out.write(toFile: again, atomically: true, encoding: .utf8)
      #expect(try await headgate("flag", "import", again, "-e", "staging", "--yes").out.contains("it is so already"))
      let beta = try await headgate(
        "flag", "eval", "a", "-e", "staging", "--explain", "--format", "json", "--context",
        #"{"targetingKey": "u", "email": "a@example.com"}"#)
      let evaluation = try beta.json(Evaluation.self)
      #expect(evaluation.variant == "on" && evaluation.path?.isEmpty == false)
      let ramp = try await headgate("flag", "simulate", "b", "-e", "staging", "--ramp", "y=60%")
      #expect(ramp.out.contains("`x` → `y`"))
    }
  }

  @Test func `the policy of headgate yaml is kept, and a schedule waits in the store`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      try scratch.configure(
        """
        actingFor: anybody
        roles: { dev: [dan] }
        flags: { staging: { change: dev } }
        """)
      let refused = try await headgate("flag", "create", "f", "--yes", "--as", "eve")
      #expect(refused.code == 1)
      #expect(refused.errors.contains("eve may not change flags in staging"))
      #expect(try await headgate("flag", "create", "f", "--yes", "--as", "dan").code == 0)
      #expect(try await headgate("flag", "list", "-e", "staging").out.contains("dan"))
      let nowhere = try await headgate("flag", "on", "f", "-e", "production", "--yes")
      #expect(nowhere.code == 64)
      let scheduled = try await headgate(
        "flag", "on", "f", "--yes", "--as", "dan", "--at", "2100-01-01T00:00:00Z")
      #expect(scheduled.out.contains("will happen at 2100-01-01"))
      let stale = try await headgate("flag", "off", "f", "--yes", "--as", "dan", "--if-revision", "7")
      #expect(stale.code == 1)
      #expect(try await headgate("flag", "reject", "1", "--as", "dan").code == 0)
      #expect(try await headgate("audit", "list", "--kind", "flagRefused").lines.count == 3)
    }
  }

  @Test func `a mistake in headgate yaml that has nothing to do with flags holds no kill`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      #expect(try await headgate("flag", "create", "f", "-e", "staging", "--yes").code == 0)
      try scratch.configure("routers: { edge: { kind: nginx, adress: 1 } }")
      let killed = try await headgate("flag", "kill", "f", "-e", "staging", "--reason", "INC-1")
      #expect(killed.code == 0, "\(killed.all)")
      #expect(killed.errors.contains("headgate.yaml:1:") && killed.errors.contains("warning: "), "\(killed.all)")
      #expect(killed.errors.contains("it is left out"), "\(killed.all)")
      #expect(try await headgate("flag", "history", "f", "-e", "staging").lines.count == 2)
      try scratch.configure("flags: { staging: { chnge: [x] } }")
      #expect(try await headgate("flag", "kill", "f", "-e", "staging").code == 65)
    }
  }

  @Test func `a second kill says so, and is no failure`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      #expect(try await headgate("flag", "create", "f", "-e", "staging", "--yes").code == 0)
      #expect(try await headgate("flag", "kill", "f", "-e", "staging").code == 0)
      let again = try await headgate("flag", "kill", "f", "-e", "staging")
      #expect(again.code == 0, "\(again.all)")
      #expect(again.out.contains("f in staging is off and latched already, since revision 2"), "\(again.all)")
      #expect(try await headgate("flag", "history", "f", "-e", "staging").lines.count == 2)
    }
  }

  @Test func `nobody acts in another's name unless headgate yaml says so, and the try is on record`() async throws {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      let refused = try await headgate("flag", "create", "f", "-e", "staging", "--yes", "--as", "ada")
      #expect(refused.code == 1)
      #expect(refused.errors.contains("may not act as ada"), "\(refused.all)")
      #expect(refused.errors.contains("actingFor"))
      #expect(try await headgate("flag", "list").out == "no flags\n")
      let tries = try await headgate("audit", "list", "--kind", "flagRefused", "--format", "json")
      #expect(tries.out.contains("\"said:") && tries.out.contains(":ada\""), "\(tries.all)")
      try scratch.configure("actingFor: [somebody-else]")
      #expect(try await headgate("flag", "create", "f", "-e", "staging", "--yes", "--as", "ada").code == 1)
    }
  }

  @Test func `a key that is spelt wrongly is told what was probably meant, and another flag may be made`() async throws
  {
    try await Scratch.with { scratch in
      let headgate = scratch.headgate
      #expect(try await headgate("flag", "create", "new-checkout", "-e", "staging", "--yes").code == 0)
      for verb in [["on", "--yes"], ["off", "--yes"], ["show"], ["history"]] {
        let missed = try await headgate.run(["flag", verb[0], "new-chekout", "-e", "staging"] + verb.dropFirst())
        #expect(missed.code == 2 && missed.errors.contains("did you mean new-checkout?"), "\(verb): \(missed.all)")
      }
      #expect(try await headgate("flag", "create", "new-checkout2", "-e", "staging", "--yes").code == 0)
    }
  }

  @Test func `the walk through flags in README goes as it says`() async throws {
    let readme = try String(
      contentsOf: URL(filePath: #filePath).appending(path: "../../../README.md").standardizedFileURL, encoding: .utf8)
    let block = try #require(readme.firstRange(of: "### Change a flag under the same rules\n\n```sh\n"))
    let end = try #require(readme[block.upperBound...].firstRange(of: "```"))
    let lines = readme[block.upperBound..<end.lowerBound].split(separator: "\n")
    #expect(lines.count > 8)
    try await Scratch.with { scratch in
      try scratch.configure("actingFor: anybody")
      for line in lines {
        let words = Self.words(String(line))
        let isAct = ["create", "on", "off", "set", "kill", "approve"].contains(words[2])
        let asks = ["create", "on", "off", "set", "approve"].contains(words[2])
        let person = words[2] == "approve" ? "rita" : "ada"
        let ending = try await scratch.headgate.run(
          words.dropFirst() + (isAct ? ["--as", person] : []) + (asks ? ["--yes"] : []))
        #expect(ending.code == 0, "\(line): \(ending.all)")
      }
    }
  }

  /// As a shell would split a line with single and double quotes and a comment.
  private static func words(_ line: String) -> [String] {
    var (words, word, quote) = ([String](), "", Character?.none)
    for letter in line {
      if let open = quote {
        if letter == open { quote = nil } else { word.append(letter) }
      } else if letter == "'" || letter == "\"" {
        quote = letter
      } else if letter == "#", word.isEmpty {
        break
      } else if letter == " " {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(letter)
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}
