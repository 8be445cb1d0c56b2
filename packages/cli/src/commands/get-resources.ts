import { type ResourceColumn, resourceColumns, type ResourceName, resourceNames, type ResourceRow } from '@flotilla/api'
import { NotAsWanted, UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { stateColour } from '../print/colour.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { printResult } from '../print/result.ts'
import { type Cell, table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

export interface GetResourcesOptions {
  readonly context?: string
  readonly output: 'table' | 'wide' | 'json' | 'yaml'
  /** `-n`: for objects of the clusters it is their namespace. */
  readonly project?: string
  readonly cluster?: string[]
  readonly selector?: string
  readonly sort?: string
  readonly limit?: string
}

const shortNames: Readonly<Record<string, ResourceName>> = {
  po: 'pods',
  deploy: 'deployments',
  sts: 'statefulsets',
  ds: 'daemonsets',
  cj: 'cronjobs',
  no: 'nodes',
  ev: 'events',
  svc: 'services',
}

/** The kind of the clusters' own objects that is meant; undefined for Flotilla's kinds. */
export function resourceNamed(text: string): ResourceName | undefined {
  const word = text.toLowerCase()
  return shortNames[word] ?? resourceNames.find((one) => one === word || one === `${word}s`)
}

const defaultLimit = 500
const mostLimit = 50_000
const pageSize = 500

/** Objects of all clusters. What is old or missing is said on the error output, and ends it with 3. */
export async function getResources(
  io: Io,
  kind: ResourceName,
  name: string | undefined,
  options: GetResourcesOptions,
): Promise<void> {
  const limit = readLimit(options.limit)
  const sort = readSort(options.sort)
  const { api } = await connect(io, options.context)
  const filter = {
    ...(name === undefined ? {} : { q: name }),
    ...(options.selector === undefined ? {} : { labels: options.selector }),
    ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
    ...(options.project === undefined ? {} : { namespace: options.project }),
    ...(sort === undefined ? {} : { sort }),
  }
  const ask = (size: number, token?: string) =>
    api.resources.list({
      params: { kind },
      query: { ...filter, limit: size, ...(token === undefined ? {} : { continue: token }) },
      signal: io.signal,
    })
  const items: ResourceRow[] = []
  let page = await ask(Math.min(limit, pageSize))
  for (;;) {
    items.push(...page.items.filter((row) => name === undefined || row.name === name))
    if (page.continue === undefined || items.length >= limit) break
    page = await ask(Math.min(limit - items.length, pageSize), page.continue)
  }
  const { failures, total } = page
  if (options.output === 'json' || options.output === 'yaml')
    await printResult(io, options.output, { kind: 'List', items, failures, total })
  else if (items.length === 0) io.err(`No ${kind} that you may see\n`)
  else {
    const columns = columnsOf(kind, options.output === 'wide')
    io.out(
      table(
        io,
        Object.keys(columns),
        items.map((row) => Object.values(columns).map((cell) => cell(row, io.now()))),
      ),
    )
    if (page.continue !== undefined)
      io.err(`${items.length} of ${total}; --limit ${Math.min(total, mostLimit)} prints more\n`)
  }
  for (const { cluster, reason, since } of failures)
    io.err(neutraliseLine(`${cluster}: ${since === undefined ? 'not seen' : `as of ${since}`}: ${reason}`) + '\n')
  if (failures.length > 0) throw new NotAsWanted('')
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return defaultLimit
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostLimit) return limit
  throw new UsageError(`--limit ${text} is no number from 1 to ${mostLimit}`)
}

function readSort(text: string | undefined): ResourceColumn | `-${ResourceColumn}` | undefined {
  if (text === undefined) return undefined
  const column = resourceColumns.find((one) => one === text || `-${one}` === text)
  if (column === undefined)
    throw new UsageError(
      `--sort ${text} is no column; take one of ${resourceColumns.join(', ')}, with - before it to turn it round`,
    )
  return text.startsWith('-') ? `-${column}` : column
}

type Columns = Readonly<Record<string, (row: ResourceRow, now: number) => Cell | string | number | undefined>>

const inCluster: Columns = { CLUSTER: (row) => row.cluster }
const named: Columns = { ...inCluster, NAMESPACE: (row) => row.namespace, NAME: (row) => row.name }
const state: Columns[string] = (row) => ({ text: row.state, colour: stateColour(row.health ?? row.state) })
const ready: Columns[string] = (row) => (row.wanted === undefined ? undefined : `${row.ready ?? 0}/${row.wanted}`)
const ageOf: Columns = { AGE: (row, now) => age(row.createdAt, now) }
const last: Columns[string] = (row, now) => age(row.lastAt, now)
const images: Columns = { IMAGES: (row) => row.images.join(',') }
const message: Columns = { MESSAGE: (row) => row.message }

function columnsOf(kind: ResourceName, wide: boolean): Columns {
  switch (kind) {
    case 'pods':
      return {
        ...named,
        READY: ready,
        STATE: state,
        RESTARTS: (row) => row.count,
        ...ageOf,
        ...(wide
          ? {
              NODE: (row: ResourceRow) => row.node,
              IP: (row: ResourceRow) => row.address,
              OWNER: (row: ResourceRow) => row.owner,
              ...images,
              ...message,
            }
          : {}),
      }
    case 'deployments':
    case 'statefulsets':
    case 'daemonsets':
      return { ...named, READY: ready, STATE: state, ...ageOf, ...(wide ? { ...images, ...message } : {}) }
    case 'jobs':
      return { ...named, COMPLETIONS: ready, STATE: state, ...ageOf, ...(wide ? { ...images, ...message } : {}) }
    case 'cronjobs':
      return {
        ...named,
        SCHEDULE: (row) => row.detail,
        STATE: state,
        ACTIVE: (row) => row.count,
        LAST: last,
        ...ageOf,
        ...(wide ? images : {}),
      }
    case 'nodes':
      return {
        ...inCluster,
        NAME: (row) => row.name,
        STATE: state,
        ROLES: (row) => row.owner,
        VERSION: (row) => row.detail,
        ...ageOf,
        ...(wide ? { IP: (row: ResourceRow) => row.address, ...message } : {}),
      }
    case 'services':
      return {
        ...named,
        TYPE: (row) => row.state,
        ADDRESS: (row) => row.address,
        PORTS: (row) => row.detail,
        ...ageOf,
        ...(wide ? message : {}),
      }
    case 'events':
      return {
        ...inCluster,
        NAMESPACE: (row) => row.namespace,
        LAST: last,
        TYPE: state,
        REASON: (row) => row.detail,
        OBJECT: (row) => row.owner,
        ...(wide ? { COUNT: (row: ResourceRow) => row.count } : {}),
        ...message,
      }
    default:
      return kind satisfies never
  }
}
