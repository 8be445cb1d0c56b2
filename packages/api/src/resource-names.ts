/** Kinds of the clusters' own objects that the server keeps an index of, by their plural. */
export const resourceNames = [
  'pods',
  'deployments',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'nodes',
  'events',
  'services',
] as const
export type ResourceName = (typeof resourceNames)[number]

/** What rows can be sorted by; with a `-` before it the other way round. */
export const resourceColumns = [
  'name',
  'cluster',
  'namespace',
  'state',
  'health',
  'owner',
  'node',
  'image',
  'ready',
  'count',
  'created',
  'last',
  'address',
  'detail',
  'message',
] as const
export type ResourceColumn = (typeof resourceColumns)[number]
