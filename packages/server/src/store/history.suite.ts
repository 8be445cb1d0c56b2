import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import * as fc from 'fast-check'
import type { RunComponent, RunQuestion, RunTarget } from './history-store.ts'
import type { Store } from './store.ts'

const minute = (n: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 60_000).toISOString()
const pinned = `sha256:${'a'.repeat(64)}`

export const exampleTarget = (fields: Partial<RunTarget> = {}): RunTarget => ({
  deliveryUid: 'uid-delivery',
  projectUid: 'uid-shop',
  project: 'shop',
  application: 'web',
  cluster: 'east',
  namespace: 'shop',
  ...fields,
})

export const exampleComponent = (
  component: string,
  version: string,
  fields: Partial<RunComponent> = {},
): RunComponent => ({
  component,
  version,
  digest: `sha256:${component}-${version}`,
  images: [`registry.test/${component}:${version}`],
  release: `r-${version}`,
  approvedBy: [],
  ...fields,
})

/** What every store must do with what ran. `open` opens the same store again each time, as another server would. */
export function describeHistory(name: string, open: () => Promise<Store>, shared: boolean): void {
  describe(name, () => {
    let store: Store
    before(async () => {
      store = await open()
    })
    after(() => store.close())
    const find = async (question: RunQuestion, limit = 100): Promise<string[]> =>
      (await store.history.find(question, { limit })).items.map(
        ({ component, version, until }) => `${component} ${version}${until === undefined ? ' runs' : ''}`,
      )

    test('opens what is new and closes what was other, once, also when it is said again after a kill', async () => {
      const projectUid = randomUUID()
      const target = exampleTarget({ projectUid, workspace: 'retail', environment: 'production' })
      const web = exampleComponent('web', '1', { rollout: 'go-1', approvedBy: ['ana', 'bo'], author: 'cy' })
      const api = exampleComponent('api', '1', { version: undefined, release: undefined })
      assert.deepEqual(await store.history.record(target, [web, api], minute(0)), { changed: true })
      await store.close()
      store = await open()
      for (const at of [0, 1])
        assert.deepEqual(await store.history.record(target, [api, web], minute(at)), { changed: false })
      const next = exampleComponent('web', '2')
      assert.deepEqual(await store.history.record(target, [next, api], minute(2)), { changed: true })
      const { items } = await store.history.find({ projectUids: [projectUid] }, { limit: 9 })
      const given = ({ version, release, ...rest }: RunComponent) => ({
        ...rest,
        ...(version === undefined ? {} : { version }),
        ...(release === undefined ? {} : { release }),
      })
      assert.deepEqual(items[0], { ...target, ...given(next), from: minute(2) })
      assert.deepEqual(
        items.find(({ component }) => component === 'api'),
        { ...target, ...given(api), from: minute(0) },
      )
      assert.deepEqual(
        items.find(({ until }) => until !== undefined),
        { ...target, ...given(web), from: minute(0), until: minute(2) },
      )
      assert.deepEqual(await store.history.record(target, [], minute(3)), { changed: true })
      assert.deepEqual(await store.history.record(target, [], minute(4)), { changed: false })
      assert.deepEqual(await find({ projectUids: [projectUid], running: true }), [])
      assert.equal((await find({ projectUids: [projectUid] })).length, 3, 'and it stays when all is gone')
    })

    const changes: readonly (readonly [string, Partial<RunComponent>, Partial<RunTarget>, boolean])[] = [
      ['another version', { version: '2' }, {}, true],
      ['another digest', { digest: 'sha256:other' }, {}, true],
      ['another image', { images: ['registry.test/web:1', 'registry.test/proxy:1'] }, {}, true],
      ['another release', { release: 'r-2' }, {}, true],
      ['another delivery', {}, { deliveryUid: 'uid-later' }, true],
      ['the same rolled out and approved again', { rollout: 'go-2', approvedBy: ['bo'], author: 'di' }, {}, false],
      ['images in another order', { images: ['registry.test/web:1', 'registry.test/web:1'] }, {}, false],
      ['a workspace of another name', {}, { workspace: 'sales' }, false],
    ]
    for (const [what, component, target, changed] of changes)
      test(`takes ${what} for ${changed ? 'another run' : 'the same run'}`, async () => {
        const place = exampleTarget({ projectUid: randomUUID() })
        const web = exampleComponent('web', '1')
        await store.history.record(place, [web], minute(0))
        const again = await store.history.record({ ...place, ...target }, [{ ...web, ...component }], minute(1))
        assert.deepEqual(again, { changed })
        const found = await store.history.find({ projectUids: [place.projectUid] }, { limit: 9 })
        assert.deepEqual(
          [found.items.length, found.items.filter((run) => run.until === undefined).length],
          [changed ? 2 : 1, 1],
        )
      })

    test('does not let a server that stood still write over what another wrote since', async () => {
      const target = exampleTarget({ projectUid: randomUUID() })
      await store.history.record(target, [exampleComponent('web', '1')], minute(0))
      await store.history.record(target, [exampleComponent('web', '2')], minute(5))
      const late = await store.history.record(target, [exampleComponent('web', '1')], minute(4))
      assert.deepEqual(late, { changed: false, late: '2026-01-01T00:05:00.000Z' })
      await store.history.record(target, [], minute(6))
      const after = await store.history.record(target, [exampleComponent('web', '2')], minute(5))
      assert.equal(after.late, '2026-01-01T00:06:00.000Z')
      assert.deepEqual(await find({ projectUids: [target.projectUid] }), ['web 2', 'web 1'])
    })

    test('has one run of a component in a target, whoever says at once what runs', async (t) => {
      const stores = shared ? [store, await open()] : [store]
      t.after(() => Promise.all(stores.slice(1).map((other) => other.close())))
      const target = exampleTarget({ projectUid: randomUUID() })
      await Promise.all(
        Array.from({ length: 30 }, (_, at) =>
          (stores[at % stores.length] ?? store).history.record(
            target,
            [exampleComponent('web', `${at % 5}`), exampleComponent('api', `${at % 3}`)],
            minute(1),
          ),
        ),
      )
      assert.equal((await find({ projectUids: [target.projectUid], running: true })).length, 2)
    })

    test('tells at each moment what ran then', async () => {
      const step = fc.record({
        cluster: fc.constantFrom('east', 'west'),
        runs: fc.dictionary(fc.constantFrom('web', 'api', 'db'), fc.constantFrom('1', '2'), { noNullPrototype: true }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
          const projectUid = randomUUID()
          const then: Record<string, string>[] = []
          const now = new Map<string, Readonly<Record<string, string>>>()
          for (const [at, { cluster, runs }] of steps.entries()) {
            const components = Object.entries(runs).map(([component, version]) => exampleComponent(component, version))
            await store.history.record(exampleTarget({ projectUid, cluster }), components, minute(at))
            now.set(cluster, runs)
            const flat = [...now].flatMap(([where, of]) =>
              Object.entries(of).map(([component, version]) => [`${where} ${component}`, version]),
            )
            then.push(Object.fromEntries(flat) as Record<string, string>)
          }
          for (const [at, expected] of then.entries()) {
            const { items } = await store.history.find(
              { projectUids: [projectUid], at: minute(at + 0.5) },
              { limit: 50 },
            )
            const ran = items.map(({ cluster, component, version }) => [`${cluster} ${component}`, version])
            assert.equal(ran.length, Object.keys(expected).length)
            assert.deepEqual(Object.fromEntries(ran), expected)
          }
        }),
        { numRuns: 15 },
      )
    })

    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()]
    const ours = [one, two, three]
    const hub = `hub-${one}`
    const questions: readonly (readonly [string, RunQuestion, string[]])[] = [
      ['everything, newest first', {}, ['web 3 runs', 'api 1 runs', 'web 2', 'web 1']],
      ['what runs', { running: true }, ['web 3 runs', 'api 1 runs']],
      ['what ran', { running: false }, ['web 2', 'web 1']],
      ['a project by uid', { projectUids: [one] }, ['web 2', 'web 1']],
      ['no project', { projectUids: [] }, []],
      ['a project by name', { project: 'till' }, ['web 3 runs']],
      ['an application in a cluster', { application: 'web', cluster: 'west' }, ['web 3 runs', 'api 1 runs']],
      ['a namespace', { namespace: 'till' }, ['web 3 runs']],
      ['a component', { component: 'api' }, ['api 1 runs']],
      ['a release', { release: 'r-2' }, ['web 2']],
      ['a moment', { at: minute(5) }, ['web 2']],
      ['a moment when one goes and another comes', { at: minute(4) }, ['web 2']],
      ['a moment before all', { at: minute(-1) }, []],
      ['a repository', { image: `registry.test:5000/${one}/web` }, ['web 3 runs', 'web 2', 'web 1']],
      ['a repository that runs', { image: `registry.test:5000/${one}/web`, running: true }, ['web 3 runs']],
      ['a tag, pinned or not', { image: `registry.test:5000/${one}/web:2` }, ['web 3 runs', 'web 2']],
      ['a digest', { image: `registry.test:5000/${one}/web@${pinned}` }, ['web 3 runs', 'web 2']],
      ['a whole reference', { image: `registry.test:5000/${one}/web:2@${pinned}` }, ['web 2']],
      ['a tag of another', { image: `registry.test:5000/${one}/web:9` }, []],
      ['the beginning of a repository', { image: `registry.test:5000/${one}/w` }, []],
      ['an image of Docker Hub by its short name', { image: hub }, ['api 1 runs']],
      ['an image of Docker Hub by its whole name', { image: `docker.io/library/${hub}:latest` }, ['api 1 runs']],
      ['an image at a moment', { image: `registry.test:5000/${one}/web`, at: minute(1) }, ['web 1']],
      ['an image in a cluster', { image: `registry.test:5000/${one}/web`, cluster: 'east' }, ['web 2', 'web 1']],
      ['signs that mean something in SQL', { component: "' OR 1=1 --" }, []],
      ['a name that no text of a database can have', { component: 'web\0' }, []],
      ['no image', { image: '' }, []],
    ]
    test('has runs to find', async () => {
      const image = (rest: string): string => `registry.test:5000/${one}/web${rest}`
      const web = (version: string, images: readonly string[]) => exampleComponent('web', version, { images })
      const first = exampleTarget({ projectUid: one })
      await store.history.record(first, [web('1', [image(':1'), image(':0')])], minute(0))
      await store.history.record(first, [web('2', [image(`:2@${pinned}`)])], minute(4))
      await store.history.record(first, [], minute(8))
      const west = exampleTarget({ projectUid: two, cluster: 'west' })
      await store.history.record(west, [exampleComponent('api', '1', { images: [hub] })], minute(9))
      const till = exampleTarget({ projectUid: three, project: 'till', namespace: 'till', cluster: 'west' })
      await store.history.record(till, [web('3', [image(':2'), image(`@${pinned}`)])], minute(10))
    })
    for (const [what, question, expected] of questions)
      test(`finds ${what}`, async () => assert.deepEqual(await find({ projectUids: ours, ...question }), expected))

    test('finds a digest in any repository', async () => {
      assert.deepEqual(await find({ projectUids: ours, image: `@${pinned}` }), ['web 3 runs', 'web 2'])
    })

    test('gives pages, each run once, and says where to go on', async () => {
      for (const image of [undefined, `registry.test:5000/${one}/web`]) {
        const seen: string[] = []
        let before: string | undefined
        for (let pages = 0; pages < 9; pages++) {
          const { items, next } = await store.history.find({ projectUids: ours, image }, { limit: 1, before })
          seen.push(...items.map(({ component, version }) => `${component} ${version}`))
          before = next
          if (next === undefined) break
        }
        assert.deepEqual(seen, image === undefined ? ['web 3', 'api 1', 'web 2', 'web 1'] : ['web 3', 'web 2', 'web 1'])
      }
      const invalid = (thrown: unknown): boolean => asFlotillaError(thrown).code === 'input.invalid'
      const cursors = ['[1,2]', '[1,"x"]', '["1","1"]', '[1,"1","1"]', '{}'].map((text) =>
        Buffer.from(text).toString('base64url'),
      )
      for (const before of ['', 'x', '2026', ...cursors])
        await assert.rejects(store.history.find({}, { limit: 1, before }), invalid)
    })

    test('refuses to look for more projects at once than a database takes', async () => {
      const projectUids = Array.from({ length: 10_001 }, (_, at) => `${at}`)
      const refused = (thrown: unknown): boolean => asFlotillaError(thrown).code === 'input.too_large'
      await assert.rejects(store.history.find({ projectUids }, { limit: 1 }), refused)
      assert.deepEqual((await store.history.find({ projectUids: projectUids.slice(1) }, { limit: 1 })).items, [])
    })
  })
}
