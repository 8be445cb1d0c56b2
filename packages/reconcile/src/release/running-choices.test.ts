import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec, apiVersion, Delivery, type Target } from '@flotilla/model'
import { computeRunningChoices } from './running-choices.ts'

const target = (cluster: string, environment: string): Target => ({
  cluster,
  namespace: 'shop',
  environment,
  labels: { 'flotilla.dev/environment': environment },
})
const [staging, prod] = [target('stage', 'staging'), target('east', 'prod')]
const running = ({ cluster }: Target, version: string, images: string[]): Delivery =>
  Delivery.parse({
    apiVersion,
    kind: 'Delivery',
    metadata: { name: `web.${cluster}` },
    spec: {
      application: { name: 'web', uid: 'u' },
      project: { name: 'shop', uid: 'p' },
      target: { cluster, namespace: 'shop' },
      desired: { revision: 1, digest: 'd', components: [{ name: 'web', digest: 's', version, images }] },
    },
  })
const ask = (images: string[], other: Delivery, more: Record<string, unknown> = {}) =>
  computeRunningChoices({
    delivery: running(staging, '1.2.0', images),
    spec: ApplicationSpec.parse({
      components: [{ name: 'web', helm: { chart: { oci: { url: 'oci://r/web', version: '^1' } } } }],
      ...more,
    }),
    target: staging,
    targets: [staging, prod],
    versions: new Map([['web', 'sha256:1']]),
    others: [other],
  })

describe('what a target runs, as choices', () => {
  test('the exact definition, and nothing of images that it brings itself', () => {
    assert.deepEqual(ask(['redis:8', 'web:2'], running(prod, '1.1.0', ['redis:7', 'web:1'])), [
      { name: 'web', version: 'sha256:1' },
    ])
  })

  test('the images that the application names there', () => {
    const overrides = [
      {
        name: 'staging',
        clusters: { selector: { matchLabels: { 'flotilla.dev/environment': 'staging' } } },
        images: { web: 'registry.example:5000/web:2' },
      },
    ]
    const [choice] = ask(['registry.example:5000/web:2'], running(prod, '1.2.0', ['web:1']), { overrides })
    assert.deepEqual(choice?.images, { web: 'registry.example:5000/web:2' })
  })

  test('images of its own values: the same definition runs another one elsewhere', () => {
    const [choice] = ask(['r:5000/web:2', 'redis:7'], running(prod, '1.2.0', ['r:5000/web@sha256:1', 'redis:7']))
    assert.deepEqual(choice?.images, { 'r:5000/web': 'r:5000/web:2' })
  })
})
