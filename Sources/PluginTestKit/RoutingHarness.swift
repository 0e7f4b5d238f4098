package import Conformance
package import PluginKit
package import Testing

/// Tries what `HeaderRouter` promises.
package func verifyHeaderRouter(
  _ router: any HeaderRouter, route: String, sourceLocation: SourceLocation = #_sourceLocation
) async {
  await verify(HeaderRouterHarness(router: router, route: route), sourceLocation)
}

package func verifyHeaderRouter(
  _ harness: HeaderRouterHarness, sourceLocation: SourceLocation = #_sourceLocation
) async {
  await verify(harness, sourceLocation)
}

/// Tries what `MirroringRouter` promises.
package func verifyMirroringRouter(
  _ router: any MirroringRouter, route: String, sourceLocation: SourceLocation = #_sourceLocation
) async {
  await verify(MirroringHarness(router: router, route: route), sourceLocation)
}
