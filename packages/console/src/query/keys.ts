import type { RouteQuery } from '@flotilla/api'

export type ApplicationListQuery = Omit<NonNullable<RouteQuery<'applications.list'>>, 'continue' | 'limit'>

/** Names of what is in the query cache. The live stream writes to the same names. */
export const keys = {
  session: ['session'],
  access: (question: unknown) => ['access', question],
  clusters: ['clusters'],
  cluster: (name: string) => ['cluster', name],
  projects: ['projects'],
  project: (name: string) => ['project', name],
  workspaces: ['workspaces'],
  workspace: (name: string) => ['workspace', name],
  allMembers: ['members'],
  members: (place: unknown) => ['members', place],
  people: (q: string) => ['people', q],
  allPeople: ['people'],
  person: (name: string) => ['person', name],
  allPersons: ['person'],
  foundPeople: (place: unknown, q: string) => ['found-people', place, q],
  review: (asked: unknown) => ['review', asked],
  allReviews: ['review'],
  applicationLists: ['applications'],
  applications: (query: ApplicationListQuery) => ['applications', query],
  applicationCount: ['applications-count'],
  application: (project: string, name: string) => ['application', project, name],
  ofApplication: (project: string, name: string, what: string, input: unknown = {}) => [
    'of-application',
    project,
    name,
    what,
    input,
  ],
  resourceLists: (topic: string) => ['resources', topic],
  resources: (topic: string, sort: string) => ['resources', topic, sort],
  manifest: (kind: string, cluster: string, namespace: string, name: string) => [
    'manifest',
    kind,
    cluster,
    namespace,
    name,
  ],
  eventsOf: (owner: string, cluster: string, namespace: string) => ['events-of', owner, cluster, namespace],
  schema: (kind: string) => ['schema', kind],
} as const
