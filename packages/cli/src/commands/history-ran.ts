import { open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ApiClient, RouteQuery, RunRow } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { escapeControls } from '@flotilla/model/escape-controls'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { printResult } from '../print/result.ts'
import { readTime } from '../print/read-time.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { applicationFilter } from './application-filter.ts'
import { limitOf, type ReleaseOptions } from './release-options.ts'

export interface HistoryRanOptions extends ReleaseOptions {
  readonly app?: string
  readonly cluster?: string
  readonly component?: string
  readonly image?: string
  readonly release?: string
  readonly at?: string
  readonly running?: boolean
  readonly limit?: string
  readonly export?: string
}

type Filter = NonNullable<RouteQuery<'history.list'>>
/** What the server gives at once. */
const largestPage = 500
const mostListed = 10_000

/** What ran where and when, by which release, approved by whom; newest first. */
export async function historyRan(io: Io, options: HistoryRanOptions): Promise<void> {
  const filter = filterOf(io, options)
  if (options.export !== undefined) {
    if (options.limit !== undefined) throw new UsageError('--export writes all of it; leave --limit out')
    const { api } = await connect(io, options.context)
    return await exportRuns(io, api, filter, options.export)
  }
  const limit = limitOf(options.limit ?? '100', mostListed)
  const { api } = await connect(io, options.context)
  const items: RunRow[] = []
  let next: string | undefined
  for await (const page of pages(io, api, filter, () => limit - items.length)) {
    items.push(...page.items)
    next = page.continue
    if (items.length >= limit) break
  }
  const tellMore = (): void => {
    if (next !== undefined) io.err(`There is more: narrow it, say --limit up to ${mostListed}, or --export FILE\n`)
  }
  if (options.output !== 'table') {
    await printResult(io, options.output, { items, ...(next === undefined ? {} : { continue: next }) })
    return tellMore()
  }
  if (items.length === 0) return io.err('Nothing ran that fits and that you may see\n')
  const heads = ['APPLICATION', 'COMPONENT', 'TARGET', 'VERSION', 'IMAGES', 'FROM', 'FOR', 'RELEASE', 'APPROVED BY']
  io.out(table(io, heads, items.map(rowOf)))
  tellMore()
}

type Page = Awaited<ReturnType<ApiClient['history']['list']>>

async function* pages(io: Io, api: ApiClient, filter: Filter, room: () => number): AsyncIterable<Page> {
  let from: string | undefined
  do {
    const page = await api.history.list({
      query: { ...filter, limit: Math.min(room(), largestPage), ...(from === undefined ? {} : { continue: from }) },
      signal: io.signal,
    })
    yield page
    // the same place again would go on for ever
    from = page.continue === from ? undefined : page.continue
  } while (from !== undefined)
}

/** One JSON document per line. The file is there whole, or not at all; `-` is standard output. */
async function exportRuns(io: Io, api: ApiClient, filter: Filter, file: string): Promise<void> {
  const lines = (page: Page): string => page.items.map((row) => `${escapeControls(JSON.stringify(row))}\n`).join('')
  if (file === '-') {
    for await (const page of pages(io, api, filter, () => largestPage)) io.out(lines(page))
    return
  }
  const path = resolve(io.cwd, file)
  const beside = `${path}.part`
  const handle = await open(beside, 'w', 0o600)
  let count = 0
  try {
    for await (const page of pages(io, api, filter, () => largestPage)) {
      await handle.write(lines(page))
      count += page.items.length
    }
    await handle.close()
    await rename(beside, path)
  } finally {
    await handle.close().catch(() => undefined)
    await rm(beside, { force: true })
  }
  io.err(`${count} runs written to ${file}\n`)
}

function filterOf(io: Io, options: HistoryRanOptions): Filter {
  const { cluster, component, image, release, at, running } = options
  if (at !== undefined && running === true) throw new UsageError('--running is what runs now; leave --at out')
  return {
    ...applicationFilter(io, options),
    ...(cluster === undefined ? {} : { cluster }),
    ...(component === undefined ? {} : { component }),
    ...(image === undefined ? {} : { image }),
    ...(release === undefined ? {} : { release }),
    ...(at === undefined ? {} : { at: readTime(io.now(), '--at', at) }),
    ...(running === true ? { running: 'true' } : {}),
  }
}

const rowOf = (row: RunRow) => [
  `${row.project}/${row.application}`,
  row.component,
  `${row.cluster}/${row.namespace}`,
  shortVersion(row.version ?? row.digest),
  row.images.join(', '),
  row.from.replace('T', ' ').replace(/(\.\d+)?Z$/, 'Z'),
  row.until === undefined ? { text: 'runs', colour: 'green' as const } : age(row.from, Date.parse(row.until)),
  row.release,
  row.approvedBy.join(', '),
]
