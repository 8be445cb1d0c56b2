import type { ClusterRow, ObjectsPolicy } from '@flotilla/api'
import { NotAsWanted, UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { stateColour } from '../print/colour.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { askObjects } from './ask-objects.ts'
import { networkText } from './check-network.ts'

interface Common {
  readonly context?: string
  readonly output: OutputForm
}

export interface AddOptions extends Common {
  readonly kubeconfig?: string
  readonly kubeContext?: string
  readonly label?: readonly string[]
  readonly displayName?: string
  readonly edge?: boolean
  readonly yes?: boolean
}

export async function addCluster(io: Io, name: string, options: AddOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const { resolveKubeconfig } = await import('../kubeconfig/resolve-kubeconfig.ts')
  const kubeconfig = await resolveKubeconfig(io, {
    file: options.kubeconfig,
    context: options.kubeContext,
    consent: options.yes === true,
  })
  const labels = parseLabels(options.label ?? [])
  const added = await api.clusters.add({
    body: {
      name,
      kubeconfig,
      ...(Object.keys(labels).length === 0 ? {} : { labels: onlySet(labels) }),
      ...(options.displayName === undefined ? {} : { displayName: options.displayName }),
      edge: options.edge === true,
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, added)
  io.out(`Cluster ${name} added (${neutraliseLine(added.server)})\n`)
}

export async function listClusters(io: Io, options: Common & { readonly query?: string }): Promise<void> {
  const { api } = await connect(io, options.context)
  const page = await api.clusters.list({
    query: { limit: 1000, ...(options.query === undefined ? {} : { q: options.query }) },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, page)
  if (page.items.length === 0)
    io.err('There is no cluster yet: flotilla cluster add NAME --kubeconfig FILE, or NAME --agent\n')
  else io.out(clusterTable(io, page.items))
}

export async function showCluster(io: Io, name: string, options: Common): Promise<void> {
  const { api } = await connect(io, options.context)
  const cluster = await api.clusters.get({ params: { cluster: name }, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, cluster)
  io.out(clusterTable(io, [cluster]))
  if (cluster.message !== undefined) io.out(`\n${neutraliseLine(cluster.message)}\n`)
  const network = networkText(io, cluster)
  if (network !== undefined) io.out(`\n${network}\n`)
  if (cluster.lacks.length > 0) io.out(`\nLacks: ${cluster.lacks.map(neutraliseLine).join(', ')}\n`)
  const { capacity, allocatable, requested } = cluster
  if (capacity !== undefined)
    io.out(
      `\n${table(
        io,
        ['', 'CPU', 'MEMORY', 'PODS'],
        Object.entries({ Capacity: capacity, Allocatable: allocatable, Requested: requested }).map(([word, of]) => [
          word,
          of === undefined ? undefined : (of.cpuMillis / 1000).toFixed(1),
          of === undefined ? undefined : `${(of.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
          of?.pods,
        ]),
      )}`,
    )
  if (cluster.connection.state === 'lost') throw new NotAsWanted('')
}

export async function labelCluster(io: Io, name: string, labels: readonly string[], options: Common): Promise<void> {
  const { api } = await connect(io, options.context)
  const changed = await api.clusters.change({
    params: { cluster: name },
    body: { labels: parseLabels(labels) },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, changed)
  io.out(`Cluster ${name}: ${labelText(changed) || 'no labels'}\n`)
}

export async function removeCluster(
  io: Io,
  name: string,
  options: Common & { readonly objects?: ObjectsPolicy },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const { deliveries } = await api.clusters.get({ params: { cluster: name }, signal: io.signal })
  const objects = await askObjects(
    io,
    options.objects,
    `cluster ${name}`,
    `${deliveries.total} applications delivered objects to it.`,
  )
  const answer = await api.clusters.remove({ params: { cluster: name }, query: { objects }, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, { ...answer, objects })
  io.out(`Cluster ${name} is being removed; its objects are ${objects === 'keep' ? 'kept' : 'deleted'}\n`)
}

function clusterTable(io: Io, rows: readonly ClusterRow[]): string {
  const words = { connected: 'Connected', connecting: 'Pending', lost: 'Lost' } as const
  return table(
    io,
    ['NAME', 'STATE', 'SINCE', 'VERSION', 'NODES', 'APPS', 'LABELS', 'AGE'],
    rows.map((row) => {
      const state = row.removing ? 'Removing' : words[row.connection.state]
      return [
        row.name,
        { text: state, colour: stateColour(state) },
        age(row.connection.since, io.now()),
        row.version,
        row.nodes === undefined ? undefined : `${row.nodes.ready}/${row.nodes.total}`,
        row.deliveries.total,
        labelText(row),
        age(row.createdAt, io.now()),
      ]
    }),
  )
}

const labelText = ({ labels }: Pick<ClusterRow, 'labels'>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

/** `region=eu`, or `region-` to take one away. */
export function parseLabels(given: readonly string[]): Record<string, string | null> {
  const labels: Record<string, string | null> = {}
  for (const text of given) {
    const equals = text.indexOf('=')
    if (equals > 0) labels[text.slice(0, equals)] = text.slice(equals + 1)
    else if (equals < 0 && text.endsWith('-') && text.length > 1) labels[text.slice(0, -1)] = null
    else throw new UsageError(`${text} is no label; write KEY=VALUE, or KEY- to take one away`)
  }
  return labels
}

export function onlySet(labels: Record<string, string | null>): Record<string, string> {
  const set: Record<string, string> = {}
  for (const [key, value] of Object.entries(labels)) {
    if (value === null) throw new UsageError(`${key}- takes a label away, and the cluster has none yet`)
    set[key] = value
  }
  return set
}
