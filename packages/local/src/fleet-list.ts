import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { z } from 'zod'
import { pickSecondOctet } from './addresses.ts'
import { withFileLock } from './file-lock.ts'
import { readFleetRecord, writeFleetRecord, type FleetRecord } from './fleet-record.ts'
import { observeTakenRanges } from './host-network.ts'
import { cacheRoot } from './paths.ts'
import { findJsonFile } from './read-json.ts'
import { writeFileWhole } from './write-file.ts'

/** Where this machine's fleets are listed, so that one can be found and cleaned after its owner died. */
const listDir = (): string => path.join(cacheRoot(), 'fleets')
const lockFile = (): string => path.join(listDir(), '.lock')

/** Every fleet that was made on this machine and not removed. */
export async function listFleets(): Promise<FleetRecord[]> {
  const found = await Promise.all((await readEntries()).map(({ dir }) => readFleetRecord(dir).catch(() => undefined)))
  return found.filter((record) => record !== undefined)
}

async function readEntries(): Promise<{ id: string; dir: string }[]> {
  const names = (await readdir(listDir()).catch(() => [])).filter((name) => name.endsWith('.json'))
  const found = await Promise.all(
    names.map(async (name) => {
      const entry = await findJsonFile(path.join(listDir(), name), z.object({ dir: z.string() }))
      return entry === undefined ? [] : [{ id: path.basename(name, '.json'), dir: entry.dir }]
    }),
  )
  return found.flat()
}

/** Takes fleets off the list whose folders somebody removed: nothing is left by which they could be stopped or started. */
export async function forgetGoneFleets(): Promise<void> {
  const gone = async (): Promise<string[]> => {
    const entries = await readEntries()
    const isGone = await Promise.all(entries.map(({ dir }) => isMissing(dir)))
    return entries.flatMap(({ id }, at) => (isGone[at] === true ? [id] : []))
  }
  if ((await gone()).length === 0) return
  // nobody writes a record now: a folder that is not there is not about to come
  await withFileLock(lockFile(), async () => {
    for (const id of await gone()) await forgetFleet(id)
  })
}

/** Not there, which is more than that it cannot be looked at. */
const isMissing = (dir: string): Promise<boolean> =>
  stat(dir).then(
    () => false,
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT',
  )

/**
 * The record of the fleet in a folder; made, with a free network of its own, when there is none. One whose network was
 * taken by somebody else since (after a reboot, say) gets another.
 */
export async function ensureFleetRecord(
  wanted: Pick<FleetRecord, 'dir' | 'name' | 'owner'>,
  isUp: (record: FleetRecord) => Promise<boolean>,
): Promise<FleetRecord> {
  await mkdir(listDir(), { recursive: true })
  return withFileLock(lockFile(), async () => {
    const before = await readFleetRecord(wanted.dir)
    if (before !== undefined && (await isUp(before))) return before
    const id = before?.id ?? computeId(wanted.dir)
    const others = (await listFleets()).filter((fleet) => fleet.dir !== wanted.dir)
    const taken = [...(await observeTakenRanges()), ...others.map((fleet) => `10.${fleet.second}.0.0/16`)]
    const second = pickSecondOctet(taken, before === undefined ? seedOf(id) : before.second - 128)
    if (second === undefined) {
      throw new FlotillaError('local.start_failed', {
        message: 'No private network 10.128-254.0.0/16 is free on this machine',
        remedy: 'Remove a fleet that is no longer needed with `flotilla local clean`.',
      })
    }
    const record: FleetRecord = {
      version: 1,
      id,
      bridge: `fl-${id}`,
      clusters: before?.clusters ?? [],
      ...wanted,
      second,
    }
    await writeFleetRecord(record)
    await writeFileWhole(path.join(listDir(), `${id}.json`), JSON.stringify({ dir: record.dir }))
    return record
  })
}

/** Takes a fleet off the list, after all that it had is gone. */
export async function forgetFleet(id: string): Promise<void> {
  await rm(path.join(listDir(), `${id}.json`), { force: true })
}

const computeId = (dir: string): string => createHash('sha256').update(path.resolve(dir)).digest('hex').slice(0, 5)
const seedOf = (id: string): number => Number.parseInt(id, 16)
