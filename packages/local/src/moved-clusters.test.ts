import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion, Cluster } from '@flotilla/model'
import { computeMoved, findMoved } from './moved-clusters.ts'

const at = (second: number, host = 11) => ({ server: `https://10.${second}.0.${host}:6443` })

test('clusters of a fleet that got another network are found, and only they', () => {
  const known = [
    { name: 'east', ...at(140) },
    { name: 'west', ...at(141, 12) },
    { name: 'elsewhere', server: 'https://203.0.113.7:6443' },
  ]
  const moved = findMoved(known, { hub: at(141, 10), east: at(141), west: at(141, 12) })
  assert.deepEqual(moved, [{ name: 'east', ...at(141) }])
  assert.deepEqual(findMoved(known, { east: at(140), west: at(141, 12) }), [])
})

test("a person's own cluster under a name of the fleet has not moved", () => {
  const others = ['https://203.0.113.7:6443', 'https://east.example.com:6443', at(20).server, at(255).server]
  for (const server of [...others, at(140, 12).server, 'https://10.140.0.11:443', 'https://10.140.3.11:6443'])
    assert.deepEqual(findMoved([{ name: 'east', server }], { east: at(141) }), [], server)
})

const asRead = {
  apiVersion,
  kind: 'Cluster',
  metadata: {
    name: 'east',
    uid: 'c-uid',
    resourceVersion: '7',
    generation: 3,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { region: 'eu', tier: 'gold' },
    annotations: { 'example.com/owner': 'ada' },
    finalizers: ['flotilla.dev/cluster'],
  },
  spec: {
    displayName: 'East',
    connection: { type: 'direct', ...at(140), secretName: 'cluster-east', tlsServerName: 'kubernetes' },
    edge: true,
  },
  status: { state: 'Lost', uid: 'kube-system-uid' },
}

test('a moved cluster is written with all that people set on it, and another address', () => {
  const text = computeMoved(asRead, { ...at(141), uid: 'kube-system-uid' })
  const written: unknown = JSON.parse(text ?? '')
  Cluster.parse(written)
  const { name, uid, labels, annotations, finalizers } = asRead.metadata
  assert.deepEqual(written, {
    apiVersion,
    kind: 'Cluster',
    metadata: { name, uid, labels, annotations, finalizers },
    spec: { ...asRead.spec, connection: { ...asRead.spec.connection, ...at(141) } },
  })
})

test('another cluster than the one that was seen there is left as it is', () => {
  assert.equal(computeMoved(asRead, { ...at(141), uid: 'of another' }), undefined)
  assert.notEqual(computeMoved({ ...asRead, status: undefined }, { ...at(141), uid: 'never seen before' }), undefined)
})
