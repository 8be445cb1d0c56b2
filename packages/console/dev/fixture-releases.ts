import type { ObjectChange, ReleaseDetail, RolloutDetail, RouteResult } from '@flotilla/api'
import type { Answers, FixtureCall } from './fixture-answers.ts'
import { ada, ago, cartChanges, plans, releaseDetails } from './fixture-release-rows.ts'
import { firstRun, run, stage, target } from './fixture-rollouts.ts'
import { runAnswers } from './fixture-runs.ts'

/** Made-up answers about releases; what is done to them is remembered as long as the fixture runs. */
export function releaseAnswers(): Answers {
  const details = new Map(releaseDetails().map((detail) => [detail.name, detail]))
  const runs = new Map<string, RolloutDetail>()
  for (const detail of details.values()) {
    const first = firstRun(detail)
    if (first !== undefined) runs.set(first.name, first)
  }
  const releaseOf = ({ params }: FixtureCall): ReleaseDetail => found(details, params['release'])
  const change = (call: FixtureCall, more: Partial<ReleaseDetail>): ReleaseDetail => {
    const next = { ...releaseOf(call), ...more }
    details.set(next.name, next)
    return next
  }
  const control = (call: FixtureCall, more: Partial<RolloutDetail>): RouteResult<'rollouts.pause'> => {
    const before = found(runs, call.params['rollout'])
    place({ ...before, ...more })
    return { project: before.project, rollout: before.name, changed: true }
  }
  /** Puts a run, and what its release says of it. */
  function place(next: RolloutDetail): RolloutDetail {
    runs.set(next.name, next)
    const release = found(details, next.release)
    const { name, phase, action, startedAt, waitingFor } = next
    const others = release.rollouts.filter((one) => one.name !== name)
    details.set(release.name, {
      ...release,
      phase: phase === 'Aborted' ? 'Frozen' : 'Rolling',
      rollout: { name, phase, ...(waitingFor === undefined ? {} : { waitingFor }) },
      rollouts: [{ name, phase, action, ...(startedAt === undefined ? {} : { startedAt }) }, ...others],
    })
    return next
  }
  const bodyOf = ({ body }: FixtureCall): Readonly<Record<string, unknown>> => Object.assign({}, body)

  return {
    ...runAnswers(),
    'releases.list': ({ query }) => listReleases([...details.values()], query),
    'releases.get': releaseOf,
    'releases.create': (call) => {
      const body = bodyOf(call)
      const application = text(body, 'application')
      const draft: ReleaseDetail = {
        ...found(details, 'cart-43'),
        application,
        name: `${application}-99`,
        uid: 'u-new',
        authors: [ada],
        findings: 0,
        findingList: [],
        createdAt: ago(0),
        title: text(body, 'title'),
        choices: Array.isArray(body['components']) ? body['components'] : [],
      }
      details.set(draft.name, draft)
      return draft
    },
    'releases.freeze': (call) =>
      change(call, { freezing: true, waitingFor: 'rendered 2 of 5 targets', waitingSince: ago(0) }),
    'releases.reject': (call) =>
      change(call, { phase: 'Rejected', rejected: { by: ada, reason: text(bodyOf(call), 'reason') } }),
    'releases.difference': (call) => differenceOf(releaseOf(call), call.query),
    'approvals.give': (call) => {
      const body = bodyOf(call)
      const decision = body['decision'] === 'Rejected' ? 'Rejected' : 'Approved'
      const given = { name: 'a-1', by: ada, decision, at: ago(0), current: true } as const
      const release = found(details, text(body, 'release'))
      if (body['digest'] !== release.digest) throw new Error('another digest')
      details.set(release.name, { ...release, approvalList: [given, ...release.approvalList] })
      const before = runs.get(text(body, 'rollout'))
      if (before !== undefined) place(passed(before, text(body, 'step')))
      return given
    },
    'plans.list': () => ({ items: plans, total: plans.length }),
    'plans.check': (call) =>
      call.params['plan'] === 'night'
        ? {
            findings: [
              {
                severity: 'Error',
                code: 'plan.nothing_selected',
                message: 'Stage moon selects none of the targets of the release',
                field: 'spec.stages[moon].targets',
              },
            ],
            stages: [{ name: 'moon', targets: [] }],
            left: ['stage', 'hub', 'east'].map((cluster) => ({ cluster, namespace: 'shop-prod' })),
          }
        : {
            findings: [],
            stages: assigned(bodyOf(call)),
            left: [],
          },
    'rollouts.list': () => ({ items: [...runs.values()], total: runs.size }),
    'rollouts.get': ({ params }) => found(runs, params['rollout']),
    'rollouts.start': (call) => {
      const release = found(details, text(bodyOf(call), 'release'))
      const stages = [
        stage('staging', { phase: 'Targets', targets: [target('staging', 'stage', 'Applying')] }),
        stage('production', {
          targets: [target('production', 'hub', 'Pending'), target('production', 'east', 'Pending')],
        }),
      ]
      return place(run(release, `${release.name}-${release.rollouts.length + 1}`, { stages, startedAt: ago(0) }))
    },
    'rollouts.pause': (call) => control(call, { phase: 'Paused', since: ago(0), paused: { by: ada } }),
    'rollouts.resume': (call) =>
      control(call, { phase: 'Running', since: ago(0), paused: undefined, reason: undefined }),
    'rollouts.abort': (call) =>
      control(call, { phase: 'Aborted', endedAt: ago(0), aborted: { by: ada, reason: text(bodyOf(call), 'reason') } }),
    'rollouts.retry': (call) => control(call, { phase: 'Running' }),
    'rollouts.skip': (call) => control(call, {}),
    'rollouts.resolve': (call) => control(call, {}),
    'rollouts.rollback': (call) => {
      const of = found(runs, call.params['rollout'])
      const release = found(details, of.release)
      const stages = of.stages.filter(({ phase }) => phase !== 'Pending').map(goingBack)
      const name = `${of.name}-back`
      return place(
        run(release, name, {
          action: 'Rollback',
          of: of.name,
          stages,
          startedAt: ago(0),
          why: text(bodyOf(call), 'reason'),
        }),
      )
    },
    'rollouts.log': () => ({
      text: 'cart: adds an item\ncart: pays with a voucher\nFAIL cart: pays twice\n209 passed, 3 failed\n',
      attempt: 2,
      at: ago(4),
      running: false,
    }),
    'applications.resolveHook': (call) => ({
      project: 'shop',
      application: call.params['application'] ?? '',
      hook: text(bodyOf(call), 'hook'),
      cluster: text(bodyOf(call), 'cluster'),
      namespace: text(bodyOf(call), 'namespace'),
      outcome: text(bodyOf(call), 'outcome') === 'Failed' ? 'Failed' : 'Succeeded',
    }),
    'applications.liftHold': () => ({ project: 'shop', application: 'cart', changed: true }),
  }
}

/** What each stage of the plan takes of the targets that are asked for. */
function assigned(body: Readonly<Record<string, unknown>>): RouteResult<'plans.check'>['stages'] {
  const asked = Array.isArray(body['targets']) ? body['targets'].map((one: { cluster?: unknown }) => one.cluster) : null
  const take = (name: string, clusters: string[]) => ({
    name,
    targets: clusters
      .filter((cluster) => asked?.includes(cluster) !== false)
      .map((cluster) => ({ cluster, namespace: 'shop-prod' })),
  })
  return [take('staging', ['stage']), take('production', ['east', 'hub'])]
}

function found<T>(all: ReadonlyMap<string, T>, name: string | undefined): T {
  const one = all.get(name ?? '')
  if (one === undefined) throw new Error(`the fixture has no ${name}`)
  return one
}

const text = (body: Readonly<Record<string, unknown>>, name: string): string => {
  const value = body[name]
  return typeof value === 'string' ? value : ''
}

function goingBack(before: RolloutDetail['stages'][number]): RolloutDetail['stages'][number] {
  const targets = before.targets.map((one) => target(one.stage, one.cluster, 'RollingBack'))
  return stage(before.name, { phase: 'RollingBack', targets })
}

/** The run after its approval was given. */
const passed = (before: RolloutDetail, name: string): RolloutDetail => ({
  ...before,
  waitingFor: 'hub to be healthy',
  stages: before.stages.map((one) => ({
    ...one,
    steps: one.steps.map((view) =>
      view.name === name && view.approval !== undefined
        ? { ...view, phase: 'Succeeded' as const, waitingFor: undefined, approval: { ...view.approval, given: [ada] } }
        : view,
    ),
  })),
})

function listReleases(all: readonly ReleaseDetail[], query: URLSearchParams): RouteResult<'releases.list'> {
  const q = query.get('q')?.toLowerCase() ?? ''
  const among = (name: string, value: string): boolean =>
    query.getAll(name).length === 0 || query.getAll(name).includes(value)
  const items = all.filter(
    (row) =>
      `${row.name} ${row.title ?? ''} ${row.tickets.join(' ')}`.toLowerCase().includes(q) &&
      among('project', row.project) &&
      among('application', row.application) &&
      among('phase', row.phase),
  )
  return { items, total: items.length }
}

const changeIn = (cluster: string, more: Partial<ObjectChange>): ObjectChange => ({
  cluster,
  namespace: 'shop-prod',
  component: 'web',
  ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop-prod', name: 'web' },
  change: 'changed',
  paths: [],
  diff: '@@ -20,6 +20,6 @@\n   spec:\n     containers:\n       - name: web\n-        image: registry.fixture.invalid/web:1.4.2@sha256:77ab\n+        image: registry.fixture.invalid/web:1.4.3@sha256:c01d\n         ports:\n',
  ...more,
})

function differenceOf(detail: ReleaseDetail, query: URLSearchParams): RouteResult<'releases.difference'> {
  const asked = query.getAll('cluster')
  const targets = detail.targetList.length > 0 ? detail.targetList : (releaseDetails()[3]?.targetList ?? [])
  const shown = targets.filter(({ cluster }) => asked.length === 0 || asked.includes(cluster)).slice(0, 6)
  return {
    ...(detail.digest === undefined ? {} : { digest: detail.digest }),
    components: detail.components.length === 0 ? cartChanges : detail.components,
    targets: targets.map(({ cluster, namespace, added, changed, removed }) => ({
      cluster,
      namespace,
      added,
      changed,
      removed,
    })),
    items: shown.flatMap(({ cluster }) => [
      changeIn(cluster, {}),
      changeIn(cluster, {
        ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop-prod', name: 'web-config' },
        diff: '@@ -1,5 +1,5 @@\n data:\n-  CHECKOUT_V2: "off"\n+  CHECKOUT_V2: "on"\n   THEME: plain\n',
      }),
      changeIn(cluster, {
        ref: { group: '', version: 'v1', kind: 'Secret', namespace: 'shop-prod', name: 'payment' },
        change: 'added',
        diff: '@@ -0,0 +1,5 @@\n+apiVersion: v1\n+data:\n+  token: (secret)\n+kind: Secret\n',
      }),
    ]),
    truncated: targets.length > 6 && asked.length === 0,
    failures: [],
    findings: [],
    unchanged: 28,
  }
}
