import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listValuePaths } from './value-paths.ts'

const component = (name: string, values?: Record<string, unknown>) => ({
  name,
  hookTimeoutSeconds: 300,
  ...(values === undefined ? {} : { values }),
})

describe('values worth asking about', () => {
  const spec = {
    components: [component('web', { replicas: 6, ingress: { host: 'a', paths: ['/'] } }), component('api', { x: 1 })],
    overrides: [
      { name: 'west', required: false, values: { replicas: 3 } },
      { name: 'api-only', component: 'api', required: false, values: { y: 2 } },
    ],
  }
  test('begin with what an override changes, and belong to the component', () => {
    assert.deepEqual(listValuePaths(spec, 'web'), ['replicas', 'ingress.host', 'ingress.paths'])
    assert.deepEqual(listValuePaths(spec, 'api'), ['replicas', 'y', 'x'])
  })
  test('do not follow what is too deep to be told', () => {
    const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }
    assert.deepEqual(listValuePaths({ components: [component('web', deep)] }, 'web'), ['a.b.c.d.e.f'])
  })
})
