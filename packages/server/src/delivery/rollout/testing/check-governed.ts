import assert from 'node:assert/strict'
import { labels, type Rollout } from '@flotilla/model'
import { openSqliteStore } from '../../../store/sqlite-store.ts'
import { until } from '../../../testing/until.ts'
import type { TestTarget } from '../../delivery/testing/open-target.ts'
import { readField } from '../../delivery/testing/read-field.ts'
import type { GovernedApplication } from './governed-application.ts'
import { runName, type Sort } from './governed-documents.ts'

/** How steps end that do not end well by themselves. */
const endsInTrouble: Readonly<Record<string, readonly [string, string | undefined]>> = {
  migrate: ['Succeeded', 'seen'],
  endless: ['Skipped', undefined],
}

/** What was looked at, and what of it was wrong. */
export interface Tally {
  readonly targets: number
  readonly lost: number
  readonly migrations: number
  readonly twice: number
}

/** Holds what happened to an application against what was to happen, as the clusters and the runs themselves tell it. */
export function createChecks(target: TestTarget, app: GovernedApplication) {
  const { name, places } = app
  const member = target.member()
  let targets = 0
  let lost = 0

  /** All that the run says of itself: every target and every step ended as it should, at the first attempt. */
  const checkRecord = ({ metadata, status }: Rollout, sort: Sort): void => {
    const { stages = [], targets: said = [], endedAt } = status ?? {}
    assert.equal(said.length, places.length)
    assert.deepEqual(new Set([...stages, ...said].map(({ phase }) => phase)), new Set(['Succeeded']), metadata.name)
    for (const { steps = [] } of [...stages, ...said])
      for (const { name: step, phase, attempt, resolution } of steps) {
        const [end, by] = (sort === 'trouble' ? endsInTrouble[step] : undefined) ?? ['Succeeded', undefined]
        assert.deepEqual([phase, attempt, resolution], [end, 0, by], `${metadata.name}, ${step}`)
      }
    assert.notEqual(endedAt, undefined)
  }

  /** What a target lacks of what it is to have. */
  const lookAtTarget = async (namespace: string, round: number, other: number): Promise<string[]> => {
    const find = (group: string, kind: string, of: string) => member.find({ group, kind, namespace, name: of })
    const has = {
      round: readField(await find('', 'ConfigMap', name), 'data', 'round') === String(round),
      'what came': (await find('', 'ConfigMap', `${name}-${round}`)) !== undefined,
      'without what went': (await find('', 'ConfigMap', `${name}-${other}`)) === undefined,
      'a pod that runs': readField(await find('apps', 'Deployment', name), 'status', 'availableReplicas') === 1,
    }
    return Object.entries(has).flatMap(([what, is]) => (is ? [] : [`${namespace} is not: ${what}`]))
  }

  /** Every target has just what it is to have, and works. */
  const checkTargets = async ({ status }: Rollout, round: number, other: number): Promise<void> => {
    const deliveries = await app.deliveries()
    const wrong: string[] = []
    for (const { namespace, delivery, digest } of status?.targets ?? []) {
      const applied = deliveries.find(({ metadata }) => metadata.name === delivery)?.status?.applied?.digest
      const of = await lookAtTarget(namespace, round, other)
      if (applied !== digest) of.push(`${namespace} has applied ${applied}, not ${digest}`)
      targets++
      if (of.length > 0) lost++
      wrong.push(...of)
    }
    assert.deepEqual(wrong, [])
    assert.ok(await app.isEverywhere(), 'every target is settled')
  }

  /** What the runs themselves wrote down: migrations ran once for the round, Jobs once for each run of the plan. */
  const checkRuns = async (round: number, runs: readonly string[], sort: Sort): Promise<void> => {
    const usual = sort === 'usual'
    for (const of of usual ? (['migrate', 'hook', 'test'] as const) : (['migrate', 'hook'] as const)) {
      const lines = await app.lines(of)
      assert.equal(lines.filter((line) => line === String(round)).length, 1, `runs of ${of} in round ${round}`)
    }
    const prepared = (await app.lines('prepare')).filter((line) => line.startsWith(`${round} `))
    const jobs = prepared.map((line) => line.replace(/-[^-]+$/, ''))
    assert.equal(new Set(jobs).size, jobs.length, `each Job ran once: ${prepared.join(', ')}`)
    const timesOf = (run: string) => jobs.filter((job) => job.startsWith(`${round} ${run}-prepare-`)).length
    assert.deepEqual(
      runs.map(timesOf),
      runs.map(() => (usual ? 2 : 0)),
    )
    assert.equal(jobs.length, usual ? 2 * runs.length : 0)
  }

  /** Jobs and pods of steps and hooks that are still there. */
  const listLeft = async (): Promise<string[]> => {
    const left: string[] = []
    for (const namespace of places)
      for (const [group, kind] of [
        ['batch', 'Job'],
        ['', 'Pod'],
      ] as const) {
        const { items } = await member.list({ group, version: 'v1', kind }, { namespace })
        const ofSteps = ({ metadata }: (typeof items)[number]): boolean =>
          (metadata.labels?.[labels.application] === name && metadata.labels['flotilla.dev/step'] !== undefined) ||
          /^[a-z]+-(?:hook|test)(?:-|$)/.test(metadata.name)
        left.push(
          ...items
            .filter(ofSteps)
            .filter(({ metadata }) => metadata.name.startsWith(name))
            .map(({ metadata }) => `${kind} ${metadata.name}`),
        )
      }
    return left
  }
  const checkLeft = (): Promise<unknown> =>
    until('nothing of steps and hooks is left', async () => (await listLeft()).length === 0, 30, listLeft)

  return {
    rollout: async (round: number, run: string, sort: Sort): Promise<void> => {
      const rollout = await app.rollout(run)
      checkRecord(rollout, sort)
      await checkTargets(rollout, round, 0)
      await checkRuns(round, [run], sort)
      await checkLeft()
    },
    rollback: async (round: number, run: string, back: string, sort: Sort): Promise<void> => {
      const rollout = await app.rollout(back)
      checkRecord(rollout, 'usual')
      await checkTargets(rollout, 0, round)
      await checkRuns(round, [run, back], sort)
      await checkLeft()
      assert.equal((await app.application()).spec.hold?.rollout, back)
    },
    /** After the engine has ended and the application is gone: what it wrote down of migrations, and of what ran where. */
    store: async (dataDir: string, rounds: readonly number[], projectUid: string): Promise<void> => {
      const store = await openSqliteStore({ dataDir })
      try {
        const records = await store.migrationLedger.list(projectUid, { limit: 500 })
        const said = records.map(({ state, runs }) => `${state} ${runs}`)
        // of each round the plan's and the chart's, and the chart's of the first installation
        assert.deepEqual(
          said,
          Array.from({ length: 2 * rounds.length + 1 }, () => 'Succeeded 1'),
        )
        const { items } = await store.history.find({ application: name }, { limit: 500 })
        assert.deepEqual(
          items.filter(({ until: ended }) => ended === undefined),
          [],
          'nothing of it runs any more',
        )
        for (const namespace of places) {
          const ran = items
            .filter((run) => run.namespace === namespace)
            .toSorted((a, b) => (a.from < b.from ? -1 : 1))
            .map(({ release, rollout }) => `${release} by ${rollout}`)
          const [, ...since] = ran
          const wanted = rounds.map((round) => `${runName(name, round)} by ${runName(name, round)}-out`)
          assert.deepEqual(
            since.filter((_run, index) => index % 2 === 0),
            wanted,
            `what ran in ${namespace}`,
          )
          assert.equal(ran.length, 2 * rounds.length + 1, `how often something else ran in ${namespace}`)
        }
      } finally {
        await store.close()
      }
    },
    tally: async (): Promise<Tally> => {
      const runs = await Promise.all([app.lines('migrate'), app.lines('hook')])
      const different = runs.reduce((sum, lines) => sum + new Set(lines).size, 0)
      const all = runs.reduce((sum, lines) => sum + lines.length, 0)
      return { targets, lost, migrations: different, twice: all - different }
    },
  }
}
