import type { RouteQuery } from '@flotilla/api'

export type ApplicationListQuery = Omit<NonNullable<RouteQuery<'applications.list'>>, 'continue' | 'limit'>

/** Names of what is in the query cache. The live stream writes to the same names. */
export const keys = {
  session: ['session'],
  access: (question: unknown) => ['access', question],
  clusters: ['clusters'],
  cluster: (name: string) => ['cluster', name],
  projects: ['projects'],
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
  schema: (kind: string) => ['schema', kind],
} as const
