import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { systemNamespace } from '@flotilla/model'
import { openSqliteStore } from '../store/sqlite-store.ts'
import { type Hub, openHub } from '../testing/open-hub.ts'
import { readAnchors } from './anchors.ts'
import { createAnchorKeeper } from './keep-anchors.ts'
import { type Audit, openAudit } from './open-audit.ts'
import { exampleEntry } from './testing/example-entry.ts'
import { rewriteChain } from './testing/rewrite-chain.ts'

describe('the audit on a real host', () => {
  let hub: Hub
  let dataDir: string
  let anchorsName: string
  before(async () => {
    hub = await openHub()
    dataDir = await mkdtemp(join(tmpdir(), 'flotilla-anchors-'))
    anchorsName = `flotilla-audit-test-${hub.suffix}`
  })
  after(async () => {
    await hub.client.delete({ group: '', kind: 'ConfigMap', namespace: systemNamespace, name: anchorsName })
    await hub[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** A server's life, as far as its audit goes. */
  async function live<T>(work: (audit: Audit) => Promise<T>): Promise<T> {
    const store = await openSqliteStore({ dataDir })
    const ending = new AbortController()
    const { signal } = ending
    const parts = { store: store.audit, host: hub.client, clock: systemClock, log: silentLog, signal, anchorsName }
    const audit = await openAudit(parts)
    try {
      return await work(audit)
    } finally {
      ending.abort()
      await audit.close()
      await store.close()
    }
  }

  test('anchors its head when it stops, and one that was rewritten whole meanwhile is found, with where', async () => {
    await live((audit) => audit.write(exampleEntry()))
    await live(async (audit) => {
      for (let records = 0; records < 4; records++) await audit.write(exampleEntry())
    })
    const intact = await live((audit) => audit.verify())
    assert.deepEqual([intact.state, intact.records, intact.anchors.compared], ['intact', 5, 2])

    const database = new DatabaseSync(join(dataDir, 'flotilla.db'))
    rewriteChain(database, 3, (record) => {
      record['actor'] = { name: 'somebody else', uid: 'uid-else', groups: [] }
    })
    database.close()
    const broken = await live((audit) => audit.verify())
    assert.deepEqual([broken.state, broken.found?.sequence], ['broken', 5])
    assert.match(broken.found?.what ?? '', /records 2 to 5/)

    const { data } = await hub.client.get({
      group: '',
      kind: 'ConfigMap',
      namespace: systemNamespace,
      name: anchorsName,
    })
    const anchors = readAnchors((data as { anchors: string }).anchors)
    // what the rewritten one says now stands beside what was said before, not in its place
    assert.deepEqual(
      anchors.map(({ number, sequence }) => [number, sequence]),
      [
        [1, 1],
        [2, 5],
        [3, 5],
      ],
    )
    assert.equal((await live((audit) => audit.verify())).state, 'broken')
  })

  test('are kept by two servers in turn, and neither misses what the other thinned', async () => {
    const name = `${anchorsName}-two`
    const missed: number[] = []
    const keepers = [1, 2].map(() =>
      createAnchorKeeper({
        host: hub.client,
        clock: systemClock,
        log: silentLog,
        onMissing: (anchors) => missed.push(anchors),
        name,
      }),
    )
    const { signal } = new AbortController()
    const hashOf = (sequence: number): string => sequence.toString(16).padStart(64, '0')
    for (let sequence = 1; sequence <= 150; sequence++)
      await keepers[sequence % 2]?.anchor({ sequence, hash: hashOf(sequence) }, signal)
    const read = (await keepers[0]?.read(signal)) ?? []
    assert.deepEqual([read.length < 150, read.at(-1)?.sequence, missed], [true, 150, []])
    const both = await Promise.allSettled(
      keepers.map((keeper, at) => keeper.anchor({ sequence: 151 + at, hash: hashOf(151 + at) }, signal)),
    )
    assert.ok(both.some(({ status }) => status === 'fulfilled'))
    await hub.client.delete({ group: '', kind: 'ConfigMap', namespace: systemNamespace, name })
    await keepers[1]?.anchor({ sequence: 153, hash: hashOf(153) }, signal)
    assert.equal(missed.length, 1, 'what somebody took away is missed')
    await hub.client.delete({ group: '', kind: 'ConfigMap', namespace: systemNamespace, name })
  })
})
