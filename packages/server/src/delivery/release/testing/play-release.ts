import {
  apiVersion,
  Application,
  Delivery,
  fieldManager,
  type FrozenDocument,
  group,
  type KubeObject,
  parseInput,
  Release,
  type ReleaseChoice,
} from '@flotilla/model'
import { deliveryOf } from '@flotilla/reconcile'
import type { TestTarget } from '../../delivery/testing/open-target.ts'
import { until } from '../../../testing/until.ts'

const person = 'flotilla:user:ann'

/** Releases as people make them, and their rollouts as the test plays them: no engine of rollouts runs here. */
export function playReleases(target: TestTarget) {
  const { host, namespace } = target
  const key = (kind: string, name: string) => ({ group, kind, namespace, name })
  const getRelease = async (name: string): Promise<Release> => parseInput(Release, await host.get(key('Release', name)))
  const getDelivery = async (name: string): Promise<Delivery | undefined> => {
    const found = await host.find(key('Delivery', name))
    return found === undefined ? undefined : parseInput(Delivery, found)
  }
  const play = {
    getRelease,
    getDelivery,
    getApplication: async (name: string) => parseInput(Application, await host.get(key('Application', name))),
    writeRelease: (name: string, application: string, components: readonly ReleaseChoice[], freeze = false) =>
      host.apply(
        {
          apiVersion,
          kind: 'Release',
          metadata: { name, namespace },
          spec: { application, components, freeze, authors: [person] },
        },
        { fieldManager: 'alice', force: true },
      ),
    /** Changes the specification as somebody with plain kubectl. */
    patchRelease: (name: string, spec: Record<string, unknown>) =>
      host.patch(key('Release', name), { type: 'merge', body: { spec } }, { fieldManager: 'alice' }),
    waitFor: (name: string, what: string, is: (status: NonNullable<Release['status']>) => boolean, seconds = 60) =>
      until(
        `release ${name}: ${what}`,
        async () => {
          const { status } = await getRelease(name)
          return status !== undefined && is(status) ? status : undefined
        },
        seconds,
        async () => JSON.stringify((await getRelease(name)).status),
      ),
    freeze: async (name: string, application: string, components: readonly ReleaseChoice[] = []) => {
      await play.writeRelease(name, application, components, true)
      const { frozen } = await play.waitFor(name, 'is frozen', ({ phase }) => phase === 'Frozen')
      if (frozen === undefined) throw new Error('frozen, and nothing said of it')
      return frozen
    },
    document: async (name: string): Promise<FrozenDocument> => {
      const { status } = await getRelease(name)
      const document = await target.server.documents.releases.get(status?.frozen?.document ?? '')
      if (document === undefined) throw new Error(`there is no document of ${name}`)
      return document
    },
    /** Gives targets what a release has for them, as a Rollout does. */
    give: async (name: string, is: (cluster: FrozenDocument['targets'][number]) => boolean = () => true) => {
      const document = await play.document(name)
      for (const one of document.targets.filter(is)) {
        const existing = await getDelivery(one.delivery)
        const object = deliveryOf(document, one, one, existing, { rollout: `${name}-1`, rollback: false })
        await host.apply(object, { fieldManager, force: true })
      }
    },
    /** Says that a run of it succeeded. */
    succeed: async (name: string, application: string) => {
      const rollout = {
        apiVersion,
        kind: 'Rollout',
        metadata: { name: `${name}-1`, namespace },
        spec: { application, release: name, plan: 'none', author: person },
      }
      const made: KubeObject = await host.create(rollout, { fieldManager: 'alice' })
      const at = new Date().toISOString()
      const snapshot = { at, document: 'none', release: 'none' }
      await host.replaceStatus({ ...made, status: { phase: 'Succeeded', snapshot, endedAt: at } })
      return play.waitFor(name, 'is active', ({ phase }) => phase === 'Active')
    },
    settled: (name: string) =>
      until(
        `${name} is settled`,
        async () => {
          const delivery = await getDelivery(name)
          const { status, spec } = delivery ?? {}
          const is =
            status?.phase === 'Settled' &&
            status.applied?.digest === spec?.desired?.digest &&
            status.applied?.syncRequest === spec?.syncRequest
          return is ? delivery : undefined
        },
        120,
        async () => JSON.stringify((await getDelivery(name))?.status),
      ),
  }
  return play
}
