import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { type KubeClient, systemClock } from '@flotilla/kube'
import { FlotillaError, type KubeObject, refOf, refText } from '@flotilla/model'
import { installPlatform, platformObjects } from './install-platform.ts'
import { markName, platform, type PlatformRevision } from './platform-mark.ts'

/** Objects in memory, with the versions of an API server; the shared host must not be told of newer platforms. */
function openHost() {
  const objects = new Map<string, KubeObject>()
  let version = 0
  /** Called once, right before something is written with a version. */
  let meanwhile: (() => void) | undefined
  const keep = (object: KubeObject): KubeObject => {
    const status = { conditions: [{ type: 'Established', status: 'True' }] }
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) }, status }
    objects.set(refText(refOf(object)), kept)
    return kept
  }
  const write = (object: KubeObject): KubeObject => {
    const first = meanwhile
    meanwhile = undefined
    first?.()
    if (objects.get(refText(refOf(object)))?.metadata.resourceVersion !== object.metadata.resourceVersion)
      throw new FlotillaError('kube.conflict', { message: 'another was first' })
    return keep(object)
  }
  const host = {
    discovery: { forget: () => undefined },
    serverVersion: async () => ({ major: '1', minor: '34', gitVersion: 'v1.34.0' }),
    find: async (key: KubeObject['metadata']) =>
      [...objects.values()].find(
        (one) => one.metadata.name === key.name && one.kind === (key as { kind?: string }).kind,
      ),
    apply: async (object: KubeObject) => keep(object),
    create: async (object: KubeObject) => write(object),
    update: async (object: KubeObject) => write(object),
  }
  const install = (revision: number, oldest: number) =>
    installPlatform({
      // only what is called here
      host: host as unknown as KubeClient,
      clock: systemClock,
      signal: AbortSignal.timeout(5_000),
      own: { revision, oldest },
    })
  const mark = (): PlatformRevision | undefined => {
    const found = [...objects.values()].find(({ metadata }) => metadata.name === markName)
    const { revision, oldest } = (found?.['data'] ?? {}) as Record<string, string>
    return found && { revision: Number(revision), oldest: Number(oldest) }
  }
  return {
    install,
    mark,
    /** Versions of what was put there, but for the namespace, which never changes. */
    state: () => [...objects.values()].filter(({ kind }) => kind !== 'Namespace').map((one) => one.metadata),
    onWrite: (then: () => void) => (meanwhile = then),
    keep,
  }
}

describe('the platform in a host that several versions use (a stand-in for the host)', () => {
  test('is put there, put right by the same version, and replaced by a newer one', async () => {
    const { install, mark, state } = openHost()
    assert.deepEqual(await install(4, 3), { revision: 4, oldest: 3, newer: undefined })
    const before = state()
    assert.deepEqual(await install(4, 3), { revision: 4, oldest: 3, newer: undefined })
    assert.notDeepEqual(state(), before)
    await install(5, 3)
    assert.deepEqual(mark(), { revision: 5, oldest: 3 })
  })

  test('of a newer version is left as it is by an older one, which goes on where it may', async () => {
    const { install, state } = openHost()
    await install(5, 3)
    const before = state()
    assert.deepEqual(await install(3, 1), { revision: 3, oldest: 1, newer: { revision: 5, oldest: 3 } })
    assert.deepEqual(state(), before)
    await assert.rejects(install(2, 1), ({ code, remedy }: FlotillaError) => {
      assert.equal(code, 'kube.invalid')
      assert.match(remedy ?? '', /Start the newer version\. .* delete the ConfigMap flotilla-platform/)
      return true
    })
    assert.deepEqual(state(), before)
  })

  test('is left alone, too, when the newer version comes between looking and writing', async () => {
    const { install, state, onWrite, keep } = openHost()
    const data = { revision: '5', oldest: '3' }
    const metadata = { name: markName, namespace: 'flotilla-system' }
    for (const one of platformObjects().kinds) keep(one)
    const before = state().length
    onWrite(() => keep({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }))
    assert.deepEqual((await install(4, 3)).newer, { revision: 5, oldest: 3 })
    assert.equal(state().length, before + 1)
  })
})

test('who changes the platform raises its revision', () => {
  const digest = createHash('sha256').update(JSON.stringify(platformObjects())).digest('hex').slice(0, 16)
  assert.deepEqual(
    [platform.revision, digest],
    [2, 'b23197ae9b00a568'],
    `kinds, roles or policies changed: raise \`platform.revision\` in platform-mark.ts, and put it here with ${digest}`,
  )
})
