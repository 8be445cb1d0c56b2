import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkPlan, type PlanQuestion, toFinding } from './check-plan.ts'
import { assignTargets } from './stages.ts'
import { author, planSpec, start } from './testing/scene.ts'

const template = { spec: {} }
const target = (cluster: string, environment?: string) => ({
  cluster,
  namespace: 'shop',
  environment,
  labels: { region: cluster.slice(0, 2) },
})
const targets = [target('eu1', 'prod'), target('eu2', 'prod'), target('us1', 'staging')]
const people = [
  { userName: 'alice', identity: author, roles: ['admin'] },
  { userName: 'bob', identity: 'flotilla:user:bob', roles: ['operator'] },
  { userName: 'carol', identity: 'flotilla:user:carol', roles: ['viewer'] },
]
const check = (plan: Parameters<typeof planSpec>[0], rest: Partial<PlanQuestion> = {}) =>
  checkPlan({
    plan: planSpec(plan),
    components: ['web', 'api'],
    targets,
    approvers: people,
    authors: [author],
    now: start,
    ...rest,
  })
const said = (...args: Parameters<typeof check>) => check(...args).map(({ code, field, value }) => [code, field, value])
const stage = (rest: object = {}) => ({ name: 'all', ...rest })

describe('images that a Job is to take from the release', () => {
  const migrate = (image: string, rest: object = {}) =>
    stage({
      before: [{ name: 'go', job: { template: { spec: { containers: [{ image }] } }, imagesOf: 'web', ...rest } }],
    })
  const images = new Map([['web', ['registry.example/shop/web:2.0.0', 'nginx@sha256:00']]])
  const found = (plan: ReturnType<typeof stage>) => said({ stages: [plan] }, { images })

  it('have to be in its template, or it could never run', () => {
    assert.deepEqual(found(migrate('registry.example/shop/worker:1')), [
      ['plan.images', 'spec.stages[0].before[0].job.imagesOf', 'web'],
    ])
  })
  it('may be named with any registry and tag, and are not asked for where they are not known', () => {
    for (const image of ['registry.example/shop/web', 'shop/web:1', 'docker.io/library/nginx:1.29', 'nginx'])
      assert.deepEqual(found(migrate(image)), [], image)
    assert.deepEqual(said({ stages: [migrate('other')] }), [])
    assert.deepEqual(found(migrate('other', { imagesOf: undefined })), [])
  })
})

describe('checkPlan', () => {
  it('finds nothing in a plan that can be gone through', () => {
    assert.deepEqual(
      check({
        stages: [
          { name: 'canary', targets: { clusters: { names: ['eu1'] } }, before: [{ name: 'ok', approval: {} }] },
          { name: 'rest', each: { after: [{ name: 'smoke', test: { helm: { component: 'web' } } }] } },
        ],
      }),
      [],
    )
  })

  it('refuses more steps in more targets than one status can hold, and no fewer', () => {
    const each = (count: number) => ({
      after: Array.from({ length: count }, (_, at) => ({ name: `check-${at}`, wait: { seconds: 1 } })),
    })
    const all = Array.from({ length: 1000 }, (_, at) => target(`eu${at}`))
    const found = (count: number) => said({ stages: [stage({ each: each(count) })] }, { targets: all })
    assert.deepEqual(found(5), [])
    assert.deepEqual(found(20), [['plan.too_much', 'spec.stages[0].each', 'all']])
    assert.deepEqual(said({ stages: [stage({ each: each(20) })] }), [])
  })

  const approval = (rule: object) => ({ stages: [stage({ before: [{ name: 'ok', approval: rule }] })] })
  const table: readonly (readonly [string, Parameters<typeof planSpec>[0], readonly unknown[]])[] = [
    [
      'a stage that selects nothing',
      { stages: [stage(), { name: 'late' }] },
      ['plan.stage_empty', 'spec.stages[1].targets', 'late'],
    ],
    [
      'an approval that only its author could give',
      approval({ users: ['alice'] }),
      ['plan.approval_nobody', 'spec.stages[0].before[0].approval', 'ok'],
    ],
    [
      'an approval by more people than there are',
      approval({ count: 2 }),
      ['plan.approval_nobody', 'spec.stages[0].before[0].approval', 'ok'],
    ],
    [
      'an approval by a role that nobody has',
      approval({ roles: ['auditor'] }),
      ['plan.approval_nobody', 'spec.stages[0].before[0].approval', 'ok'],
    ],
    [
      'a window that never opens before the deadline',
      { stages: [stage({ deadlineSeconds: 3600 })], windows: [{ from: '20:00', to: '21:00' }] },
      ['plan.window_closed', 'spec.windows', undefined],
    ],
    [
      'a freeze that lasts beyond the deadline',
      { stages: [stage()], freezes: [{ from: start, to: '2026-04-01T00:00:00Z', reason: 'fair' }] },
      ['plan.window_closed', 'spec.windows', undefined],
    ],
    [
      'a freeze that ends before it begins',
      { stages: [stage()], freezes: [{ from: '2027-04-01T00:00:00Z', to: '2027-03-01T00:00:00Z', reason: 'fair' }] },
      ['plan.freeze_order', 'spec.freezes[0].to', '2027-03-01T00:00:00Z'],
    ],
    ['an unknown time zone', { stages: [stage()], timeZone: 'Berlin' }, ['plan.time_zone', 'spec.timeZone', 'Berlin']],
    [
      'a component that the application lacks',
      { stages: [stage({ each: { after: [{ name: 'smoke', test: { helm: { component: 'db' } } }] } })] },
      ['plan.component', 'spec.stages[0].each.after[0].test.helm.component', 'db'],
    ],
    [
      'images of a component that the application lacks',
      { stages: [stage({ before: [{ name: 'go', job: { template, imagesOf: 'db' } }] })] },
      ['plan.component', 'spec.stages[0].before[0].job.imagesOf', 'db'],
    ],
    [
      "a job's cluster outside of the stage",
      {
        stages: [
          {
            name: 'eu',
            targets: { clusters: { names: ['eu1'] } },
            before: [{ name: 'go', job: { template, cluster: 'us1' } }],
          },
          stage(),
        ],
      },
      ['plan.job_cluster', 'spec.stages[0].before[0].job.cluster', 'us1'],
    ],
    [
      'two steps of one name',
      {
        stages: [
          stage({ before: [{ name: 'go', wait: { seconds: 1 } }], after: [{ name: 'go', wait: { seconds: 1 } }] }),
        ],
      },
      ['plan.step_twice', 'spec.stages[0].after[0].name', 'go'],
    ],
    [
      'a stage that is over before its soak is',
      { stages: [stage({ soakSeconds: 600, deadlineSeconds: 600 })] },
      ['plan.stage_too_short', 'spec.stages[0].deadlineSeconds', '600'],
    ],
    [
      'an analysis that is over before it has measured',
      {
        stages: [
          stage({
            after: [
              {
                name: 'go',
                timeoutSeconds: 20,
                analysis: { http: { url: 'http://x/' }, samples: 3, intervalSeconds: 10 },
              },
            ],
          }),
        ],
      },
      ['plan.step_too_short', 'spec.stages[0].after[0].timeoutSeconds', '20'],
    ],
    [
      'a migration that is to run on the way back',
      {
        stages: [
          stage({ before: [{ name: 'go', during: ['Release', 'Rollback'], job: { template, migration: {} } }] }),
        ],
      },
      ['plan.migration_back', 'spec.stages[0].before[0].during', 'go'],
    ],
    [
      'targets that no stage takes',
      { stages: [{ name: 'eu', targets: { clusters: { selector: { matchLabels: { region: 'eu' } } } } }] },
      ['plan.targets_left', 'spec.stages', 'us1/shop'],
    ],
  ]
  for (const [name, plan, finding] of table) it(`finds ${name}`, () => assert.deepEqual(said(plan), [finding]))

  it('says nothing of what is not known', () => {
    const plan = {
      stages: [
        stage({
          before: [
            { name: 'ok', approval: { users: ['zoe'] } },
            { name: 'go', job: { template, cluster: 'x', imagesOf: 'db' } },
          ],
        }),
        { name: 'late' },
      ],
    }
    assert.deepEqual(said(plan, { targets: undefined, components: undefined, approvers: undefined }), [])
  })

  it('lets an author approve where the step allows it', () => {
    assert.deepEqual(said(approval({ users: ['alice'], allowAuthor: true })), [])
  })

  it('gives what to do along with each finding', () => {
    const [finding] = check({ stages: [stage()], timeZone: 'Berlin' })
    assert.ok(finding !== undefined && finding.remedy !== '')
    assert.deepEqual(Object.keys(toFinding(finding)), ['severity', 'code', 'field', 'message'])
    assert.ok(toFinding(finding).message.endsWith(finding.remedy))
  })
})

describe('assignTargets', () => {
  it('gives each target to the first stage that selects it, by name', () => {
    const plan = planSpec({
      stages: [
        { name: 'staging', targets: { environments: ['staging'] } },
        { name: 'eu', targets: { clusters: { selector: { matchLabels: { region: 'eu' } } } } },
        { name: 'rest' },
      ],
    })
    const { stages, left } = assignTargets(plan, targets.toReversed())
    const names = stages.map((one) => one.targets.map(({ cluster }) => cluster))
    assert.deepEqual(names, [['us1'], ['eu1', 'eu2'], []])
    assert.deepEqual(left, [])
  })

  it('orders by environment as the stage names them', () => {
    const plan = planSpec({
      stages: [{ name: 'all', order: 'Environment', targets: { environments: ['staging', 'prod'] } }],
    })
    const { stages } = assignTargets(plan, targets)
    assert.deepEqual(
      stages[0]?.targets.map(({ cluster }) => cluster),
      ['us1', 'eu1', 'eu2'],
    )
  })
})
