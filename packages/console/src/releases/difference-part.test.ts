import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { askOnly, onlyOf } from './difference-part.ts'

const at = (cluster: string, namespace: string) => ({ cluster, namespace })

describe('the difference of some targets of a release', () => {
  test('is asked of their clusters, and of their namespace where all share one', () => {
    assert.deepEqual(askOnly([at('east', 'staging')]), { cluster: ['east'], namespace: 'staging' })
    assert.deepEqual(askOnly([at('east', 'shop'), at('west', 'shop')]), {
      cluster: ['east', 'west'],
      namespace: 'shop',
    })
    assert.deepEqual(askOnly([at('east', 'staging'), at('east', 'prod')]), { cluster: ['east'] })
    const many = Array.from({ length: 101 }, (_, index) => at(`edge-${index}`, 'shop'))
    assert.deepEqual(askOnly(many), { namespace: 'shop' })
  })

  test('leaves out the other targets of the same cluster', () => {
    const items = [at('east', 'staging'), at('east', 'prod'), at('west', 'prod')]
    assert.deepEqual(onlyOf(items, [at('east', 'staging'), at('west', 'prod')]), [items[0], items[2]])
  })
})
