import { setTimeout as wait } from 'node:timers/promises'
import type { KubeClient } from '@flotilla/kube'
import type { Rollout } from '@flotilla/model'
import type { GovernedApplication } from './governed-application.ts'

const by = 'flotilla:user:ann'
const lookMs = 200

/**
 * What people do in a rollout in trouble: somebody deletes the Job of its migration while that runs, so that nobody knows how it ended, and
 * says that it succeeded; and somebody goes past a step that does not end. Resolves when all of it was asked for.
 */
export async function steerTrouble(
  app: GovernedApplication,
  member: KubeClient,
  round: number,
  run: string,
): Promise<void> {
  const when = async (is: (status: NonNullable<Rollout['status']>) => boolean | Promise<boolean>): Promise<void> => {
    for (let look = 0; look < 600; look++) {
      const { status } = await app.rollout(run)
      if (status !== undefined && (await is(status))) return
      await wait(lookMs)
    }
    throw new Error(`${run} does not come so far: ${JSON.stringify((await app.rollout(run)).status)}`)
  }
  await when(async () => (await app.lines('migrate')).includes(String(round)))
  const [, namespace = ''] = app.places
  const { items } = await member.list(
    { group: 'batch', version: 'v1', kind: 'Job' },
    { namespace, labelSelector: 'flotilla.dev/step=migrate' },
  )
  for (const { metadata } of items.filter((job) => job.metadata.name.startsWith(run)))
    await member.delete(
      { group: 'batch', version: 'v1', kind: 'Job', namespace, name: metadata.name },
      { propagation: 'Foreground' },
    )
  await when(({ phase, reason }) => phase === 'Paused' && reason === 'StepUncertain')
  const step = { stage: 'first', step: 'migrate' }
  const reason = 'the table is there'
  await app.steer(run, { resolutions: [{ id: 'seen', by, reason, step, outcome: 'Succeeded' }] })
  await when(({ targets = [] }) =>
    targets.some(({ steps }) => steps?.some(({ name, phase }) => name === 'endless' && phase === 'Running')),
  )
  const target = { cluster: 'east', namespace }
  const skip = { id: 'past', by, reason: 'it never ends', step: { stage: 'first', target, step: 'endless' } }
  await app.steer(run, { skips: [skip] })
}
