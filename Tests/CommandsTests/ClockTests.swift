import LiveRig
import Subprocess
import SystemPackage
import Testing

/// The wall clock is set by others: a controller takes its time from one that is not.
@Suite(.live(.cc), .timeLimit(.minutes(5)))
struct ClockTests {
  @Test func `a wall clock that is set back by a day under a controller keeps it from nothing`() async throws {
    try await Scratch.with { scratch in
      let shift = "\(scratch.folder)/wallclock.so"
      let compiled = try await Subprocess.run(
        .path(FilePath(Component.cc.required())),
        arguments: ["-shared", "-fPIC", "-o", shift, "\(Scratch.fixtures)/wallclock.c", "-ldl"],
        output: .discarded, error: .string(limit: 1 << 16))
      #expect(compiled.terminationStatus.isSuccess, "\(compiled.standardError)")
      let run = try await scratch.headgate.run(
        scratch.rehearsal(), ["LD_PRELOAD": shift, "CLOCK_AHEAD": "86400"])
      #expect(run.code == 0, "\(run.all)")
      #expect(run.out.contains("promoted"), "\(run.all)")
    }
  }
}
