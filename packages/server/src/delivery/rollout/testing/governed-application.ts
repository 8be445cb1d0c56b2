import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  apiVersion,
  Application,
  Delivery,
  group,
  type KubeObject,
  parseInput,
  Release,
  Rollout,
} from '@flotilla/model'
import { until } from '../../../testing/until.ts'
import type { TestTarget } from '../../delivery/testing/open-target.ts'
import { applicationSpec, type Governed, planOf, planOfTrouble, runName, type Sort } from './governed-documents.ts'

const author = 'flotilla:user:ann'
/** Where a run cannot end well any more by itself. */
const bad = new Set(['Paused', 'Failed', 'Aborted', 'RollbackFailed'])

/** An application that goes out by releases, as people handle it with plain kubectl, and what can be seen of it. */
export function createGoverned(target: TestTarget, governed: Governed) {
  const { host, namespace, project } = target
  const { name } = governed
  const key = (kind: string, of: string) => ({ group, kind, namespace, name: of })
  const make = (kind: string, of: string, spec: object) =>
    host.create({ apiVersion, kind, metadata: { name: of, namespace }, spec }, { fieldManager: 'alice' })
  const edit = (round: number, mode: 'direct' | 'governed' = 'governed') =>
    target.writeApplication(name, applicationSpec(governed, round, mode))

  const app = {
    name,
    /** Of the member. */
    places: [project, `${project}-staging`, `${project}-second`],
    application: async () => parseInput(Application, await host.get(key('Application', name))),
    release: async (round: number) => parseInput(Release, await host.get(key('Release', runName(name, round)))),
    rollout: async (run: string) => parseInput(Rollout, await host.get(key('Rollout', run))),
    deliveries: async (): Promise<Delivery[]> => {
      const { items } = await host.list({ group, kind: 'Delivery' }, { namespace })
      return items.map((item) => parseInput(Delivery, item)).filter(({ spec }) => spec.application.name === name)
    },
    /** What runs of one sort left on the node, a line each. */
    lines: async (of: 'migrate' | 'hook' | 'test' | 'prepare'): Promise<string[]> => {
      const text = await readFile(join(target.hooksFolder, project, `${name}-${of}`), 'utf8').catch(() => '')
      return text.split('\n').filter((line) => line !== '')
    },

    /** Delivered for the first time without a release, and then only by releases. */
    install: async () => {
      await edit(0, 'direct')
      await until(
        'it is installed',
        () => app.isEverywhere(),
        120,
        () => app.deliveries(),
      )
      await edit(0)
      const isSaid = async () => /it has what it had before/.test((await app.application()).status?.message ?? '')
      await until('it is governed', isSaid, 60, async () => (await app.application()).status)
    },
    /** Every target is settled with what it is to have. */
    isEverywhere: async (): Promise<boolean> => {
      const deliveries = await app.deliveries()
      return (
        deliveries.length === app.places.length &&
        deliveries.every(
          ({ spec, status }) =>
            status?.phase === 'Settled' &&
            status.attempt === undefined &&
            status.applied?.digest === spec.desired?.digest,
        )
      )
    },
    freeze: async (round: number, sort: Sort) => {
      const lift = { spec: { hold: null } }
      await host.patch(key('Application', name), { type: 'merge', body: lift }, { fieldManager: 'alice' })
      await edit(round)
      await make('Release', runName(name, round), {
        application: name,
        components: [],
        freeze: true,
        authors: [author],
      })
      const plan = (sort === 'usual' ? planOf : planOfTrouble)(governed, round, namespace)
      await host.create(plan as KubeObject, { fieldManager: 'alice' })
    },
    isFrozen: async (round: number) => {
      const { status } = await app.release(round)
      if (status?.findings?.some(({ severity }) => severity === 'Error') === true)
        throw new Error(`it cannot be frozen: ${JSON.stringify(status)}`)
      return status?.phase === 'Frozen'
    },
    start: (round: number, run: string, more: object = {}) => {
      const of = runName(name, round)
      return make('Rollout', run, { application: name, release: of, plan: of, author, ...more })
    },
    /** It ended well, and of its steps nothing is held any more. */
    hasEnded: async (run: string, phase: 'Succeeded' | 'RolledBack', pauses = false): Promise<boolean> => {
      const { status = {} } = await app.rollout(run)
      if (bad.has(status.phase ?? '') && !(pauses && status.phase === 'Paused'))
        throw new Error(`${run} goes wrong: ${JSON.stringify(status)}`)
      const held = [...(status.stages ?? []), ...(status.targets ?? [])].some(({ steps }) =>
        steps?.some((step) => step.held === true),
      )
      return status.phase === phase && !held
    },
    /** What people ask of a run. */
    steer: (run: string, control: object) =>
      host.patch(key('Rollout', run), { type: 'merge', body: { spec: { control } } }, { fieldManager: 'alice' }),
    isGone: async () => (await host.find(key('Application', name))) === undefined,
    /** What is not there is removed already. */
    remove: async (kind: 'Rollout' | 'Release' | 'Application', of: string) => {
      if ((await host.find(key(kind, of))) !== undefined) await host.delete(key(kind, of))
      await until(`${kind} ${of} is gone`, async () => (await host.find(key(kind, of))) === undefined)
    },
  }
  return app
}

export type GovernedApplication = ReturnType<typeof createGoverned>
