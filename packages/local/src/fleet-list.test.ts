import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { listFleets } from './fleet-list.ts'
import { writeFleetRecord } from './fleet-record.ts'
import { cleanLeftovers } from './fleet-stop.ts'
import { writeFileWhole } from './write-file.ts'

describe('the list of this machine', () => {
  let root: string
  const outer = process.env['XDG_CACHE_HOME']
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'flotilla-list-'))
    process.env['XDG_CACHE_HOME'] = root
  })
  after(async () => {
    if (outer === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = outer
    await rm(root, { recursive: true, force: true })
  })

  test('fleets whose folders are gone are taken off the list; others stay, also half-made ones', async () => {
    const list = path.join(root, 'flotilla/fleets')
    const dirOf = (id: string): string => path.join(root, id)
    for (const id of ['aaaaa', 'bbbbb', 'ccccc']) {
      await mkdir(dirOf(id))
      await writeFileWhole(path.join(list, `${id}.json`), JSON.stringify({ dir: dirOf(id) }))
    }
    await writeFleetRecord({
      version: 1,
      id: 'aaaaa',
      name: 'mine',
      dir: dirOf('aaaaa'),
      bridge: 'fl-aaaaa',
      second: 200,
      owner: null,
      clusters: [],
    })
    await rm(dirOf('bbbbb'), { recursive: true })
    assert.deepEqual(await cleanLeftovers(), [])
    assert.deepEqual((await readdir(list)).filter((name) => name.endsWith('.json')).sort(), [
      'aaaaa.json',
      'ccccc.json',
    ])
    assert.deepEqual(
      (await listFleets()).map(({ name }) => name),
      ['mine'],
    )
  })
})
