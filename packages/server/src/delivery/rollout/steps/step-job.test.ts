import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import { migrationDigest, readField } from '@flotilla/reconcile'
import * as fc from 'fast-check'

import { computeStepJob, jobName } from './step-job.ts'
import { stepContext, stepInHand } from './testing/step-scene.ts'

const template = (image = 'registry.test/shop/api:1.0', more: object = {}) => ({
  spec: { containers: [{ name: 'main', image }], restartPolicy: 'Always', ...more },
})
const wants = (images: string[]) => ({
  cluster: 'east',
  namespace: 'shop',
  delivery: 'shop.east',
  stage: 'prod',
  want: { digest: 'd', components: [{ name: 'api', digest: 's', images, ownOverrides: 0, hookTimeoutSeconds: 300 }] },
})

test('a Job runs once, has its time, and carries whose it is', () => {
  const step = stepInHand({ name: 'migrate', timeoutSeconds: 120 })
  const { object } = computeStepJob(step, stepContext(), { template: template() })
  assert.equal(readField(object, 'spec', 'backoffLimit'), 0)
  assert.equal(readField(object, 'spec', 'ttlSecondsAfterFinished'), undefined)
  assert.equal(readField(object, 'spec', 'template', 'spec', 'restartPolicy'), 'Never')
  assert.equal(readField(object, 'spec', 'template', 'spec', 'activeDeadlineSeconds'), 120)
  assert.deepEqual(object.metadata.finalizers, ['flotilla.dev/step'])
  assert.equal(object.metadata.annotations?.['flotilla.dev/step-run'], `uid-r1/${step.key}`)
  assert.deepEqual(object.metadata.labels, {
    'flotilla.dev/application': 'shop',
    'flotilla.dev/project': 'shop',
    'flotilla.dev/step': 'migrate',
  })
})

test('a name is the same for the same run, another for any other, and one that Kubernetes takes', () => {
  const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/)
  fc.assert(
    fc.property(name, name, fc.integer({ min: 1, max: 9 }), (rollout, step, attempt) => {
      const of = (n: number) => jobName(stepInHand({ name: step }, { attempt: n }), stepContext(rollout))
      assert.equal(of(attempt), of(attempt))
      assert.notEqual(of(attempt), of(attempt + 1))
      assert.match(of(attempt), /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    }),
  )
})

test('images of the component take the place of those of the same name', () => {
  const step = stepInHand(
    {},
    { place: wants(['registry.test/shop/api:2.0@sha256:0123456789abcdef0123456789abcdef', 'busybox:1.35']) },
  )
  const { object } = computeStepJob(step, stepContext(), { template: template(), imagesOf: 'api' })
  const [container] = readField(object, 'spec', 'template', 'spec', 'containers') as { image: string }[]
  assert.equal(container?.image, 'registry.test/shop/api:2.0@sha256:0123456789abcdef0123456789abcdef')
})

test('what makes no Job is said by its field', () => {
  const cases: [string, () => unknown, string][] = [
    ['no pod', () => computeStepJob(stepInHand({}), stepContext(), { template: {} }), 'job.template.spec'],
    [
      'no container',
      () => computeStepJob(stepInHand({}), stepContext(), { template: { spec: { containers: [] } } }),
      'job.template.spec.containers',
    ],
    [
      'no such component',
      () => computeStepJob(stepInHand({}), stepContext(), { template: template(), imagesOf: 'api' }),
      'job.imagesOf',
    ],
    [
      'no image of that name',
      () =>
        computeStepJob(stepInHand({}, { place: wants(['other:1']) }), stepContext(), {
          template: template(),
          imagesOf: 'api',
        }),
      'job.imagesOf',
    ],
    [
      'two of that name',
      () =>
        computeStepJob(stepInHand({}, { place: wants(['a:1', 'a:2']) }), stepContext(), {
          template: template('a:0'),
          imagesOf: 'api',
        }),
      'job.imagesOf',
    ],
  ]
  for (const [what, make, field] of cases) {
    assert.throws(make, (thrown) => {
      const error = asFlotillaError(thrown)
      assert.equal(error.code, 'input.invalid', what)
      assert.equal(error.field, field, what)
      return true
    })
  }
})

test('a migration is the same one by image and command, not by rollout, attempt or labels', () => {
  const key = Buffer.alloc(32, 1)
  const digestOf = (given: object, context = stepContext(), attempt = 1) =>
    migrationDigest(key, computeStepJob(stepInHand({}, { attempt }), context, { template: { ...given } }).template)
  const one = digestOf(template())
  assert.equal(digestOf(template(), stepContext('other'), 2), one)
  assert.equal(digestOf({ metadata: { labels: { 'helm.sh/chart': 'shop-2' } }, ...template() }), one)
  assert.notEqual(digestOf(template('registry.test/shop/api:1.1')), one)
  assert.notEqual(digestOf({ metadata: { annotations: { checksum: 'x' } }, ...template() }), one)
  assert.notEqual(digestOf(template(undefined, { serviceAccountName: 'x' })), one)
})
