import Foundation
import LiveRig
import Testing

/// What cannot be done is refused with a sentence that helps, and with the code that `--help` promises.
@Suite struct RefusalTests {
  @Test(arguments: [
    ["frobnicate"], ["run"], ["show", "x"], ["show", "0"], ["promote", "1"], ["history", "--from", "yesterday"],
    ["audit", "list", "--kind", "none"], ["simulate", "p.yaml"], ["completion", "tcsh"], ["validate"],
    ["run", "p.yaml", "--speed", "60"], ["run", "p.yaml", "--again"],
  ])
  func `wrong usage ends with 64`(arguments: [String]) async throws {
    try await Scratch.with { scratch in
      let ending = try await scratch.headgate.run(arguments)
      #expect(ending.code == 64, "\(ending.all)")
      #expect(ending.errors.contains("Error: "))
      #expect(ending.out == "")
    }
  }

  @Test func `a parameter that is missing, unknown or wrong is wrong usage`() async throws {
    try await Scratch.with { scratch in
      let start = ["run", Scratch.shop, "--scenario", Scratch.scenario("good")]
      for (given, words) in [([], "version"), (["--set", "vresion=1"], "vresion"), (["--set", "=1"], "name=value")] {
        let ending = try await scratch.headgate.run(start + given)
        #expect(ending.code == 64, "\(ending.all)")
        #expect(ending.errors.contains(words), "\(ending.all)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(scratch.folder)/rehearsal.db"))
    }
  }

  @Test(arguments: [
    ["status"], ["history"], ["show", "1"], ["watch", "1"], ["attach", "1"], ["approve", "1"], ["abort", "1"],
    ["rollback", "1"], ["audit", "list"], ["audit", "verify"], ["audit", "export"],
  ])
  func `without a store it cannot be told, and none is made`(arguments: [String]) async throws {
    try await Scratch.with { scratch in
      let ending = try await scratch.headgate.run(arguments)
      #expect(ending.code == 2, "\(ending.all)")
      #expect(ending.errors.contains("headgate.db"), "\(ending.all)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == [])
    }
  }

  @Test func `a file that is no store is left alone`() async throws {
    try await Scratch.with { scratch in
      let file = try scratch.rig.write("a letter to a friend, and not a database at all\n", to: "letter.db")
      for verb in [["status"], ["audit", "verify"], ["attach", "1"]] {
        let ending = try await scratch.headgate.run(verb + ["--store", file])
        #expect(ending.code == 2, "\(ending.all)")
      }
      #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("a letter"))
    }
  }

  @Test func `a run that is not there, or has ended, is refused at once`() async throws {
    try await Scratch.with { scratch in
      #expect(try await scratch.rehearse().code == 0)
      for verb in ["show", "status", "watch", "attach", "approve", "rollback"] {
        let ending = try await scratch.headgate(verb, "7", "--store", "rehearsal.db")
        #expect(ending.code == 2, "\(ending.all)")
        #expect(ending.errors.contains("there is no run 7 in this store"), "\(ending.all)")
      }
      let late = try await scratch.headgate("pause", "1", "--store", "rehearsal.db")
      #expect(late.code == 1)
      #expect(late.errors == "headgate: run 1 of shop: it has ended: promoted\n")
    }
  }

  @Test func `an act while nobody drives is kept, and says so`() async throws {
    try await Scratch.with { scratch in
      let run = try await scratch.rig.headgate("run", scratch.rehearsal(speed: 4))
      try await Rig.wait(for: "the first step") { run.output.contains("staying at this weight") }
      run.signal(SIGKILL)
      _ = try await run.ending()
      let ending = try await scratch.headgate("abort", "1", "--store", "rehearsal.db")
      #expect(ending.code == 2, "\(ending.all)")
      #expect(ending.errors.contains("no controller drives this store now"), "\(ending.all)")
      // A rehearsal is not gone on with by its number alone.
      let way = "headgate attach 1 --store rehearsal.db --scenario FILE"
      #expect(ending.errors.contains(way), "\(ending.all)")
      #expect(try await scratch.headgate("status", "--store", "rehearsal.db").out.contains(way))
      let attached = try await scratch.headgate(
        "attach", "1", "--store", "rehearsal.db", "--scenario", Scratch.scenario("good"), "--speed", "60")
      #expect(attached.code == 1)
      #expect(attached.out.contains("aborted by"), "\(attached.all)")
      #expect(attached.out.contains("run 1 of shop: rolled back"), "\(attached.all)")
    }
  }

  @Test func `a version that was rolled back is not started again without a reason`() async throws {
    try await Scratch.with { scratch in
      #expect(try await scratch.rehearse("bad", version: "2").code == 1)
      let refused = try await scratch.rehearse("good", version: "2")
      #expect(refused.code == 1)
      #expect(refused.errors.contains("--again"), "\(refused.all)")
      let again = try await scratch.rehearse(
        "good", version: "2", speed: 60, "--again", "--reason", "the cache is fixed")
      #expect(again.code == 0, "\(again.all)")
    }
  }

  @Test func `without headgate.yaml a real run says what to do`() async throws {
    try await Scratch.with { scratch in
      let ending = try await scratch.headgate("run", Scratch.quickstart, "--set", "version=1")
      #expect(ending.code == 65)
      #expect(ending.errors.contains("--scenario"))
    }
  }
}
