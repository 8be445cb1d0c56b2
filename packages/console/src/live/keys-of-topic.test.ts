import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keys } from '../query/keys.ts'
import { keysOfTopic } from './keys-of-topic.ts'

test('a topic that was not heard of for a while names what may be old by now', () => {
  assert.deepEqual(keysOfTopic('application:shop/web'), [keys.application('shop', 'web')])
  assert.deepEqual(keysOfTopic('rollout:shop/web-1-1'), [keys.rollout('shop', 'web-1-1')])
  assert.ok(keysOfTopic('releases').some((key) => key === keys.releaseLists))
  assert.deepEqual(keysOfTopic('moves'), [['moves']])
  assert.deepEqual(keysOfTopic('clusters'), [])
})
