@_exported public import Conformance
package import Testing

// Each broken promise is an issue of the test that asks, so that one line of test tries all of a port's promises.

/// Tries what `MetricProvider` promises.
package func verifyProvider(_ harness: ProviderHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await verify(harness, sourceLocation)
}

/// Tries what `TrafficRouter` promises.
package func verifyRouter(_ harness: RouterHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await verify(harness, sourceLocation)
}

/// Tries what `Deployer` promises.
package func verifyDeployer(_ harness: DeployerHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await verify(harness, sourceLocation)
}

/// Tries what `Notifier` promises.
package func verifyNotifier(_ harness: NotifierHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await verify(harness, sourceLocation)
}

/// Tries what `StepRunner` promises.
package func verifyStepRunner(_ harness: StepHarness, sourceLocation: SourceLocation = #_sourceLocation) async {
  await verify(harness, sourceLocation)
}

func verify(_ harness: some Harness, _ location: SourceLocation) async {
  for promise in harness.promises {
    for complaint in await promise.complaints() {
      Issue.record("\(promise.name): \(complaint)", sourceLocation: location)
    }
  }
}
