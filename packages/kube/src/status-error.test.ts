import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusError } from './status-error.ts'

const context = { cluster: 'east', method: 'PATCH', path: '/apis/apps/v1/namespaces/a/deployments/web' }

test('each answer of an API server has its code, and its decision', () => {
  const expected: [number, string, string][] = [
    [400, 'kube.invalid', 'reject'],
    [401, 'cluster.unauthorized', 'retry'],
    [403, 'kube.forbidden', 'reject'],
    [404, 'kube.not_found', 'reject'],
    [405, 'kube.api', 'reject'],
    [409, 'kube.conflict', 'retry'],
    [410, 'kube.gone', 'retry'],
    [413, 'input.too_large', 'reject'],
    [422, 'kube.invalid', 'reject'],
    [429, 'kube.overloaded', 'retry'],
    [500, 'kube.unavailable', 'retry'],
    [503, 'kube.unavailable', 'retry'],
    [504, 'kube.unavailable', 'retry'],
  ]
  for (const [code, name, next] of expected) {
    const error = statusError(code, { kind: 'Status', code, message: 'm', reason: 'R' }, context)
    assert.deepEqual([error.code, error.next, error.reason, error.httpStatus], [name, next, 'R', code])
  }
})

test('an answer of 500 about the object, or about a webhook, is not an API server that is unavailable', () => {
  const expected: [string, string][] = [
    [
      'failed to create typed patch object (a/web; apps/v1, Kind=Deployment): .spec.nope: field not declared in schema',
      'kube.invalid',
    ],
    [
      'failed to create typed patch object (a/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]',
      'kube.invalid',
    ],
    [
      'Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: Post "https://v.a.svc:443/": connection refused',
      'kube.webhook',
    ],
    [
      'conversion webhook for example.com/v1, Kind=Widget failed: Post "https://c.a.svc:443/": no endpoints available',
      'kube.webhook',
    ],
    ['Internal error occurred: etcdserver: request timed out', 'kube.unavailable'],
  ]
  for (const [message, name] of expected) {
    const error = statusError(500, { kind: 'Status', code: 500, message }, context)
    assert.equal(error.code, name, message)
    assert.ok(error.message.includes(message), 'the words of the API server stay')
  }
  assert.equal(
    statusError(503, { kind: 'Status', code: 503, message: 'failed calling webhook' }, context).code,
    'kube.unavailable',
  )
})

test('the field at fault and all causes are kept', () => {
  const causes = [
    { reason: 'FieldManagerConflict', message: 'conflict with "hpa"', field: '.spec.replicas' },
    { reason: 'FieldManagerConflict', message: 'conflict with "x"', field: '.spec.paused' },
  ]
  const body = { kind: 'Status', code: 409, reason: 'Conflict', message: 'Apply failed', details: { causes } }
  const error = statusError(409, body, context)
  assert.equal(error.field, '.spec.replicas')
  assert.deepEqual(error.causes, causes)
})

test('the words about a Secret are left out, as they could quote it', () => {
  const message = 'failed to create typed patch object: .data.password: expected string, got &value{Value:hunter2}'
  const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'data[password]' }]
  const body = { kind: 'Status', code: 422, reason: 'Invalid', message, details: { causes } }
  for (const path of ['/api/v1/namespaces/a/secrets/s', '/api/v1/namespaces/a/secrets?x=1', '/api/v1/secrets']) {
    for (const code of [400, 409, 422, 500]) {
      const error = statusError(code, { ...body, code }, { ...context, path })
      assert.ok(!JSON.stringify([error, error.message, error.causes]).includes('hunter2'), `${code} ${path}`)
      assert.match(error.message, /data\[password\]/)
    }
  }
  assert.match(statusError(422, body, context).message, /hunter2/)
})

test('answers that are no Status, from whatever stands between, still make sense', () => {
  assert.equal(
    statusError(502, '<html>Bad gateway</html>', context).message,
    'Cluster east: the API server answered 502 to PATCH /apis/apps/v1/namespaces/a/deployments/web.',
  )
  assert.equal(statusError(503, 'no healthy upstream\nmore', context).message, 'Cluster east: no healthy upstream')
  assert.equal(statusError(500, undefined, context).code, 'kube.unavailable')
  assert.equal(statusError(500, { kind: 'Status', message: 5, details: 'x', code: 'y' }, context).httpStatus, 500)
})

test('a long answer is shortened', () => {
  const error = statusError(422, { kind: 'Status', message: 'x'.repeat(100_000), code: 422 }, context)
  assert.ok(error.message.length < 2_000)
})
