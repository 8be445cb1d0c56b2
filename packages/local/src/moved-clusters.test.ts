import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion, Cluster } from '@flotilla/model'
import { parseAllDocuments } from 'yaml'
import { documentsOfMoved } from './moved-clusters.ts'

const at = (second: number) => ({ server: `https://10.${second}.1.1:6443` })

test('clusters of a fleet that got another network are registered under the addresses of now, and only they', () => {
  const known = [
    { name: 'east', ...at(140) },
    { name: 'west', ...at(141) },
    { name: 'elsewhere', server: 'https://203.0.113.7:6443' },
  ]
  const moved = documentsOfMoved(known, { hub: at(141), east: at(141), west: at(141) })
  assert.deepEqual(moved?.names, ['east'])
  const [document, second] = parseAllDocuments(moved?.text ?? '').map((one): unknown => one.toJS())
  assert.equal(second, undefined)
  const cluster = Cluster.parse(document)
  assert.deepEqual(
    [cluster.apiVersion, cluster.metadata.name, cluster.spec.connection],
    [apiVersion, 'east', { type: 'direct', ...at(141), secretName: 'cluster-east' }],
  )
  assert.equal(documentsOfMoved(known, { east: at(140), west: at(141) }), undefined)
})
