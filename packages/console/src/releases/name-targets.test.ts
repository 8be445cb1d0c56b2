import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { nameTargets, nameTargetsOf } from './name-targets.ts'
import { placeWords } from './step-place.ts'

const staging = { cluster: 'east', namespace: 'staging' }
const prod = { cluster: 'east', namespace: 'prod' }
const west = { cluster: 'west', namespace: 'prod' }

describe('targets are called', () => {
  test('by their cluster, and by their namespace too where one cluster holds several', () => {
    assert.deepEqual([staging, prod, west].map(nameTargets([staging, prod, west])), [
      'east/staging',
      'east/prod',
      'west',
    ])
    assert.equal(nameTargets([staging, west])(staging), 'east')
  })

  test('over all stages of a run, and in the names of its steps', () => {
    const named = nameTargetsOf({ stages: [{ targets: [staging] }, { targets: [west] }], left: [prod] })
    assert.equal(named(staging), 'east/staging')
    assert.equal(placeWords({ stage: 'wave', target: staging, step: 'smoke' }, named), 'smoke · east/staging')
    assert.equal(placeWords({ stage: 'wave', target: west }, named), 'west')
  })
})
