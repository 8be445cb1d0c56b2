import path from 'node:path'
import { z } from 'zod'
import { readJsonFile } from './read-json.ts'
import { writeFileWhole } from './write-file.ts'

const ClusterRecord = z.object({
  name: z.string(),
  /** Never given to another cluster while this one exists: addresses follow from it. */
  index: z.number().int(),
  fakeNodes: z.number().int(),
})
export type ClusterRecord = z.infer<typeof ClusterRecord>

const FleetRecord = z.object({
  version: z.literal(1),
  /** Five letters that name what this fleet has on the machine: its bridge, veths, cgroups. */
  id: z.string(),
  name: z.string(),
  dir: z.string(),
  bridge: z.string(),
  /** The fleet's network is 10.SECOND.0.0/16. */
  second: z.number().int(),
  /** The process that the fleet is to die with; a person's own fleet has none. */
  owner: z.object({ pid: z.number().int(), startTime: z.string() }).nullable(),
  clusters: z.array(ClusterRecord),
})
export type FleetRecord = z.infer<typeof FleetRecord>

export const recordFile = (dir: string): string => path.join(dir, 'fleet.json')

/** Reads the fleet of a folder, or undefined when the folder holds none. */
export async function readFleetRecord(dir: string): Promise<FleetRecord | undefined> {
  try {
    return await readJsonFile(recordFile(dir), FleetRecord)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

export async function writeFleetRecord(record: FleetRecord): Promise<void> {
  await writeFileWhole(recordFile(record.dir), `${JSON.stringify(record, null, 2)}\n`)
}
