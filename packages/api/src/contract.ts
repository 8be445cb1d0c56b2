/** The contract table with its schemas, for the server, the description and tests. Clients use `@flotilla/api`. */
import type { RouteId } from './addresses.ts'
import type { AnyRoute } from './route.ts'
import { agentRoutes } from './routes/agents.ts'
import { applicationRoutes } from './routes/applications.ts'
import { auditRoutes } from './routes/audit.ts'
import { documentRoutes } from './routes/documents.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { historyRoutes } from './routes/history.ts'
import { kubernetesRoutes } from './routes/kubernetes.ts'
import { moveRoutes } from './routes/moves.ts'
import { providerRoutes } from './routes/providers.ts'
import { peopleRoutes } from './routes/people.ts'
import { releaseRoutes } from './routes/releases.ts'
import { roleRoutes } from './routes/roles.ts'
import { resourceRoutes } from './routes/resources.ts'
import { runtimeRoutes } from './routes/runtime.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
import { sessionRoutes } from './routes/session.ts'
import { tokenRoutes } from './routes/tokens.ts'

/** Every route, in the order of its address. */
const routes = [
  ...sessionRoutes,
  ...providerRoutes,
  ...tokenRoutes,
  ...peopleRoutes,
  ...roleRoutes,
  ...fleetRoutes,
  ...agentRoutes,
  ...documentRoutes,
  ...applicationRoutes,
  ...moveRoutes,
  ...runtimeRoutes,
  ...releaseRoutes,
  ...rolloutRoutes,
  ...historyRoutes,
  ...resourceRoutes,
  ...kubernetesRoutes,
  ...auditRoutes,
]

type Route = (typeof routes)[number]
export type Contract = { readonly [Id in RouteId]: Extract<Route, { readonly id: Id }> }

// the keys are the literal ids of the array's members, which fromEntries cannot say
export const contract = Object.fromEntries(routes.map((route) => [route.id, route])) as unknown as Contract

export const anyRoutes: readonly AnyRoute[] = routes
export type { AnyRoute, ResourceRight, Rights, RightScope, RouteShape } from './route.ts'
export { kubernetesPath } from './shapes/kubernetes.ts'
export { auditTimeOf, type AuditTime } from './route.ts'
export { AsciicastEvent, AsciicastHeader } from './shapes/asciicast.ts'
export { ResourceFilter } from './shapes/resource.ts'
export { openApiDocument } from './openapi.ts'
