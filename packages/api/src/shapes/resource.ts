import { HealthState, parseLabelSelector } from '@flotilla/model'
import { z } from 'zod'
import { resourceColumns, resourceNames } from '../resource-names.ts'
import { Failure, several, whole } from './wire.ts'

/** One object of a cluster, as lists show it. */
export const ResourceRow = z.object({
  cluster: z.string(),
  namespace: z.string().describe('Empty for what is cluster-scoped'),
  name: z.string(),
  state: z
    .string()
    .describe("In a word: kubectl's STATUS of a pod or node, Warning or Normal, a type of service, else the health"),
  health: HealthState.optional(),
  message: z.string().optional().describe('What is the matter, or what an event says'),
  labels: z.record(z.string(), z.string()),
  owner: z.string().optional().describe('Kind/name of who made it; of an event what it is about; of a node its roles'),
  node: z.string().optional(),
  images: z.array(z.string()),
  ready: z.number().int().optional(),
  wanted: z.number().int().optional(),
  count: z.number().int().optional().describe('Restarts of a pod; running pods or jobs; how often an event came'),
  createdAt: z.string().optional(),
  lastAt: z.string().optional().describe('When an event came last, a cron job ran, a job ended, a pod restarted'),
  address: z.string().optional(),
  detail: z
    .string()
    .optional()
    .describe('Version of a node, ports of a service, schedule of a cron job, reason of an event'),
})
export type ResourceRow = z.infer<typeof ResourceRow>

const word = (longest = 253) => z.string().min(1).max(longest)

/** Which rows are wanted. */
export const ResourceFilter = z.object({
  q: z.string().max(200).optional().describe('Part of the name'),
  labels: z
    .string()
    .max(1000)
    .refine(
      (text) => !('wrong' in parseLabelSelector(text)),
      'is no label selector; write a=b, a!=b, a in (b,c), a notin (b,c), a or !a, with commas between them',
    )
    .optional()
    .describe("Label selector as kubectl's -l: a=b,c!=d,e in (f,g),h,!i"),
  cluster: several().optional(),
  namespace: several().optional(),
  state: several(200).optional(),
  health: z.union([HealthState.transform((one) => [one]), z.array(HealthState).max(10)]).optional(),
  node: word().optional(),
  image: word(500).optional().describe('Part of an image'),
  owner: word(320).optional().describe('Kind/name, or part of it'),
  project: word(63).optional().describe('Namespaces of this project'),
  workspace: word(63).optional().describe("Namespaces of this workspace's projects"),
})
export type ResourceFilter = z.output<typeof ResourceFilter>

export const ResourceKind = z.enum(resourceNames)

const columns = resourceColumns.flatMap((column) => [column, `-${column}`] as const)

export const ResourceQuery = ResourceFilter.extend({
  sort: z.enum(columns).optional().describe('name where left out, and -last for events'),
  limit: whole(1, 500).default(100),
  continue: z.string().max(2048).optional(),
})

/** One page over all clusters. What `failures` names is old, or missing. */
export const ResourcePage = z.object({
  items: z.array(ResourceRow),
  failures: z.array(Failure),
  total: z.number().int().describe('Rows that match, on all pages'),
  facets: z.object({
    cluster: z.record(z.string(), z.number().int()),
    state: z.record(z.string(), z.number().int()).describe('As if no state were chosen'),
  }),
  continue: z.string().optional().describe('Ask again with it for the next page'),
})
export type ResourcePage = z.infer<typeof ResourcePage>
