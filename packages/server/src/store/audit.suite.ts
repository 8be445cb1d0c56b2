import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { exampleEntry } from '../audit/testing/example-entry.ts'
import type { AuditQuestion } from './audit-store.ts'
import type { Store } from './store.ts'

/** What the audit of every store must do. `open` opens an empty store; later the same again, as a restarted server would. */
export function describeAuditStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store
    before(async () => {
      store = await open()
    })
    after(() => store.close())

    const sequences = async (question: AuditQuestion): Promise<number[]> =>
      (await store.audit.find(question, { limit: 500 })).items.map(({ sequence }) => sequence)
    const minute = (n: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 60_000).toISOString()

    test('numbers records from 1, chains them, and goes on after a restart', async () => {
      assert.equal(await store.audit.head(), undefined)
      const web = {
        kind: 'Application',
        name: 'web',
        project: 'shop',
        projectUid: 'uid-shop',
        workspace: 'retail',
        workspaceUid: 'uid-retail',
      }
      await store.audit.append([
        exampleEntry({ at: minute(0) }),
        exampleEntry({
          at: minute(10),
          verb: 'applications.remove',
          result: 'denied',
          actor: { name: 'eve', groups: [] },
        }),
      ])
      await store.close()
      store = await open()
      const head = await store.audit.append([
        exampleEntry({
          at: minute(20),
          request: 'one',
          verb: 'clusters.remove',
          result: 'begun',
          target: { cluster: 'east' },
        }),
        exampleEntry({ at: minute(30), request: 'one', verb: 'clusters.remove', target: { cluster: 'east' } }),
        exampleEntry({
          at: minute(40),
          request: 'two',
          verb: 'exec',
          source: 'kubernetes',
          result: 'begun',
          target: { ...web, cluster: 'east', kind: 'pods/exec' },
        }),
      ])
      assert.equal(head.sequence, 5)
      assert.equal((await store.audit.head())?.hash, head.hash)
      const check = await store.audit.check(undefined, [2, 5, 9])
      assert.deepEqual(
        [check.records, check.broken, check.done, [...check.hashes.keys()]],
        [5, undefined, true, [2, 5]],
      )
    })

    const questions: readonly (readonly [string, AuditQuestion, number[]])[] = [
      ['everything, but what was begun and has ended', {}, [5, 4, 2, 1]],
      ['a person by name', { person: 'eve' }, [2]],
      ['a person by uid', { person: 'uid-ana' }, [5, 4, 1]],
      ['a verb', { verbs: ['exec'] }, [5]],
      ['the beginning of verbs', { verbs: ['applications.', 'exec'] }, [5, 2, 1]],
      ['results', { results: ['begun'] }, [5, 3]],
      ['a cluster and a source', { clusters: ['east'], sources: ['kubernetes'] }, [5]],
      ['a project', { projects: ['shop'] }, [5, 2, 1]],
      ['a workspace and a kind', { workspaces: ['retail'], kinds: ['Application'] }, [2, 1]],
      ['a name', { name: 'web' }, [5, 2, 1]],
      ['a time', { since: Date.parse(minute(5)), until: Date.parse(minute(35)) }, [4, 2]],
      ['places by uid', { within: { workspaces: [], projects: ['uid-shop'] } }, [5, 2, 1]],
      ['places of another', { within: { workspaces: ['uid-other'], projects: [] } }, []],
      ['no place', { within: { workspaces: [], projects: [] } }, []],
      ['signs that mean something in SQL', { name: "' OR 1=1 --" }, []],
    ]
    for (const [what, question, expected] of questions)
      test(`finds ${what}`, async () => assert.deepEqual(await sequences(question), expected))

    test('gives pages both ways, and says where to go on', async () => {
      const first = await store.audit.find({}, { limit: 2 })
      assert.deepEqual([first.items.map(({ sequence }) => sequence), first.next], [[5, 4], 4])
      const second = await store.audit.find({}, { before: first.next, limit: 9 })
      assert.deepEqual([second.items.map(({ sequence }) => sequence), second.next], [[2, 1], undefined])
      const walked = await store.audit.walk(
        { results: ['begun', 'allowed', 'denied', 'failed'] },
        { after: 1, limit: 9 },
      )
      assert.deepEqual(
        walked.items.map(({ sequence }) => sequence),
        [2, 3, 4, 5],
      )
      assert.equal(walked.items[0]?.actor.name, 'eve')
    })

    test('takes names that are no whole text, and still follows', async () => {
      const { audit } = store
      const { sequence } = await audit.append([
        exampleEntry({ at: minute(50), target: { name: 'half \ud83d' } }),
        exampleEntry({ at: minute(50), target: { name: 'a\0b' }, actor: { name: '\udc00', groups: [] } }),
      ])
      const { broken } = await audit.check(undefined, [])
      assert.equal(broken, undefined)
      assert.equal(sequence, 7)
    })

    test('removes the oldest, says so in a record, and still follows from what went', async () => {
      const entry = exampleEntry({ source: 'audit', at: minute(60), target: {} })
      assert.equal(await store.audit.prune({ before: minute(-60), most: 100, entry }), 0)
      assert.equal(await store.audit.prune({ before: minute(-60), most: 4, entry }), 3)
      assert.equal(await store.audit.prune({ before: minute(45), most: 100, entry }), 2, 'and by their time')
      const check = await store.audit.check(undefined, [])
      assert.deepEqual([check.records, check.broken, check.head.sequence], [4, undefined, 9])
      const [newest] = (await store.audit.find({}, { limit: 1 })).items
      assert.deepEqual([newest?.verb, newest?.details?.['through']], ['audit.prune', 5])
    })
  })
}
