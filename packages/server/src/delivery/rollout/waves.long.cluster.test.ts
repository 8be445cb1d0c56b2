import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Delivery, type Rollout, type RolloutTarget, targetKey } from '@flotilla/model'
import { until } from '../../testing/until.ts'
import { openRuns, type Runs } from './testing/open-runs.ts'

const perCluster = 50
const most = 10
const began = (one: RolloutTarget): boolean => one.phase !== 'Pending'
const over = (one: RolloutTarget): boolean => one.phase === 'Succeeded' || one.phase === 'Failed'

describe('a hundred targets in waves', { timeout: 400_000 }, () => {
  let runs: Runs
  before(async () => {
    const also = Array.from({ length: perCluster - 1 }, (_, index) => `-${index + 1}`)
    runs = await openRuns({ members: ['east', 'west'], staging: true, also })
  })
  after(() => runs?.close())

  /** Comes up only where the image is there: in all targets but one there is none of it. */
  const web = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: 'registry.example/none:1' }] },
      },
    },
  }

  test('go neither all at once nor stuck: in their order, never more than the stage says at any moment, and one that never gets well holds nobody beyond the policy', async (t) => {
    const { project } = runs.target
    const ill = `east/${project}-staging`
    const spec = {
      overrides: [
        {
          name: 'ill',
          clusters: { selector: { matchLabels: { 'flotilla.dev/environment': 'staging' } } },
          patches: [
            {
              target: { kind: 'Deployment', name: 'web' },
              operations: [{ op: 'replace', path: '/spec/replicas', value: 1 }],
            },
          ],
        },
      ],
      placement: {
        except: [
          { clusters: { names: ['west'] }, namespaces: [`${project}-staging`] },
          { clusters: { names: ['east'] }, namespaces: [`${project}-${perCluster - 1}`] },
        ],
      },
    }
    const start = Date.now()
    await runs.freeze('waves', 'v1', spec, web)
    t.diagnostic(`frozen for 100 targets in ${Date.now() - start} ms`)
    const stage = (name: string) => ({ name, targets: { clusters: { names: [name] } }, maxConcurrency: most })
    const first = { ...stage('east'), maxFailures: 1, onFailure: 'Continue', deadlineSeconds: 60 }
    await runs.plan('waves', { stages: [first, stage('west')] })

    const { rollouts, deliveries } = runs.target.server.state
    const wrong = new Set<string>()
    const seen = { versions: 0, moving: 0, unsettled: 0 }
    let eastDone: number | undefined
    let eastOver = false
    const look = ({ status }: Rollout): void => {
      const targets = status?.targets ?? []
      if (targets.length === 0) return
      seen.versions++
      const [east, west] = ['east', 'west'].map((one) => targets.filter((target) => target.cluster === one))
      for (const wave of [east ?? [], west ?? []]) {
        const moving = wave.filter((one) => began(one) && !over(one)).length
        seen.moving = Math.max(seen.moving, moving)
        if (moving > most) wrong.add(`${moving} at once`)
        const next = wave.findIndex((one) => !began(one))
        if (next >= 0 && wave.slice(next).some(began)) wrong.add(`the ${next}th was passed over`)
      }
      if (west?.some(began) && !east?.every(over)) wrong.add('the second wave began before the first was over')
      eastOver ||= east?.every(over) === true
      const others = east?.filter((one) => targetKey(one) !== ill)
      if (others?.every((one) => one.phase === 'Succeeded')) eastDone ??= Date.now()
    }
    const isUnsettled = ({ spec, status }: Delivery): boolean =>
      spec.desired !== undefined && !(status?.applied?.digest === spec.desired.digest && status.health === 'Healthy')
    // the ill one stays as it is when the run has gone on past it
    const isLeft = ({ spec }: Delivery): boolean => targetKey(spec.target) === ill && eastOver
    const count = (): void => {
      const all = deliveries.list(runs.target.namespace)
      const unsettled = all.filter((one) => isUnsettled(one) && !isLeft(one)).length
      seen.unsettled = Math.max(seen.unsettled, unsettled)
      if (unsettled > most) wrong.add(`${unsettled} Deliveries at once`)
    }
    const ends = [rollouts.onChange((_key, rollout) => rollout && look(rollout)), deliveries.onChange(count)]
    const startedAt = Date.now()
    await runs.start('waves-v1-1', 'waves', 'waves')
    const status = await runs.ended('waves-v1-1', 'Failed', 240)
    const ms = Date.now() - startedAt
    for (const end of ends) end()
    t.diagnostic(
      `100 targets in ${ms} ms; 49 of the first wave after ${(eastDone ?? 0) - startedAt} ms; ${seen.versions} states seen, at most ${seen.moving} targets and ${seen.unsettled} Deliveries at once`,
    )
    assert.deepEqual([...wrong], [])
    assert.equal(status.targets.length, 2 * perCluster)
    assert.deepEqual(
      status.targets.filter(({ phase }) => phase !== 'Succeeded').map((one) => [targetKey(one), one.phase]),
      [[ill, 'Failed']],
    )
    assert.ok(seen.versions > 50 && seen.moving === most, JSON.stringify(seen))
    assert.ok(eastDone !== undefined && eastDone - startedAt < 60_000, 'the others of its wave did not wait for it')
    assert.deepEqual(
      status.stages?.map(({ phase }) => phase),
      ['Failed', 'Succeeded'],
    )
    const config = (place: object) => runs.find('ConfigMap', 'waves-config', place)
    for (const target of status.targets) assert.ok(await config(target), targetKey(target))
    await until('no step is left', async () => (await runs.jobs()).length === 0)
  })
})
