import LiveRig
import Testing

extension LiveStories {
  /// People at other terminals, by way of the store.
  @Suite struct Acts {
    @Test func `approve, pause, resume, promote and rollback act on the run that another process drives`() async throws
    {
      try await Shop.open { shop in
        let approval = "  - approve: release manager\n    expires: 5m"
        let run = try await shop.run(
          "v2",
          Shop.canary(steps: "[5%, 25%, 50%, 100%]", hold: "10m", before: approval)
            .replacing("deadline: 2m", with: "deadline: 1h"))
        try await shop.wait(for: "headgate approve 1", in: run)
        try await shop.act("approve", "1", "--reason", "CHG-7", "--as", "rita")
        try await shop.wait(forWeight: 5)
        try await shop.act("pause", "1")
        #expect(try await shop.status() == "paused")
        try await shop.act("resume", "1")
        #expect(try await shop.status() == "running")
        try await shop.act("promote", "1", "--reason", "seen enough")
        try await shop.wait(forWeight: 25)
        // As long as the controller has not heard of the weight, it refuses.
        try await Rig.wait(for: "the second promotion") {
          try await shop.headgate("promote", "1", "--reason", "seen enough").code == 0
        }
        try await shop.wait(forWeight: 50)
        try await shop.act("rollback", "1", "--reason", "the shop says no")
        #expect(try await run.ending() == 1)
        #expect(try await shop.weight() == 0)
        let told = try await shop.headgate("show", "1").out
        for text in [
          "approved by rita (said by", "paused by", "resumed by", "went past the gate", "the shop says no",
        ] {
          #expect(told.contains(text), "\(told)")
        }
        try await shop.verifyRecord()
      }
    }

    @Test func `abort takes the traffic back`() async throws {
      try await Shop.open { shop in
        let recorder = WeightRecorder(shop)
        let run = try await shop.run("v2", Shop.canary(steps: "[25%, 100%]", hold: "1m"))
        try await shop.wait(forWeight: 25)
        try await shop.act("abort", "1", "--reason", "wrong version")
        #expect(try await run.ending() == 1)
        #expect(await recorder.stop() == [0, 25, 0])
        #expect(try await shop.status() == "rolledBack")
        try await shop.verifyRecord()
      }
    }

    @Test func `promote --all goes to the end, and a rollback afterwards goes back to the old slot`() async throws {
      try await Shop.open { shop in
        try await shop.ship("v2")
        #expect(try await shop.weight() == 100)
        // v3 takes the other slot: blue.
        try await shop.ship("v3")
        #expect(try await shop.weight(of: "blue") == 100)
        let back = try await shop.headgate("rollback", "2", "--reason", "customers call")
        #expect(back.code == 0, "\(back.all)")
        #expect(back.out.contains("rolled back: all traffic is on v2"), "\(back.all)")
        #expect(try await shop.weight(of: "blue") == 0)
        #expect(try await shop.weight() == 100)
        #expect(try await shop.status(of: 2) == "rolledBack")
        try await shop.verifyRecord(of: 2)
      }
    }
  }
}

extension Shop {
  /// Ships a version past every gate.
  fileprivate func ship(_ version: String) async throws {
    let run = try await run(version, Shop.canary(steps: "[25%, 100%]", hold: "1m"))
    try await wait(for: "staying at this weight", in: run)
    let number = version == "v2" ? "1" : "2"
    try await act("promote", number, "--all", "--reason", "a hotfix")
    #expect(try await run.ending() == 0)
  }
}
