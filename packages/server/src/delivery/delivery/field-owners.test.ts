import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasOnlyDoubles } from './field-owners.ts'

const object = 'Cluster east: failed to create typed patch object (shop/web; apps/v1, Kind=Deployment):'
const env = '.spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]'
const ports =
  '.spec.template.spec.containers[name="c"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]'

test('an object is written in another way for keys that a list has twice, and for nothing else', () => {
  assert.equal(hasOnlyDoubles(`${object} ${env}`), true)
  assert.equal(hasOnlyDoubles(`${object} errors:\n  ${env}\n  ${ports}`), true)
  assert.equal(hasOnlyDoubles(`${object} errors:\n  ${env}\n  .spec.template.sp…`), true)
  assert.equal(hasOnlyDoubles(`${object} errors:\n  ${env}\n  .spec.nope: field not declared in schema`), false)
  assert.equal(hasOnlyDoubles(`${object} .spec.nope: field not declared in schema`), false)
  assert.equal(hasOnlyDoubles(`Cluster east: ${env}`), false)
})
