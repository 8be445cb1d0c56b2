import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { choiceWords, shortImage, shortImages } from './choice-words.ts'

describe('what a release chooses in one line', () => {
  test('names each component with its version and its images', () => {
    const images = { web: 'registry.example:5000/shop/web:1.5.0@sha256:aa' }
    assert.deepEqual(
      choiceWords([
        { name: 'web', version: '2.3.0' },
        { name: 'api', images },
        { name: 'worker', version: '1', images },
      ]),
      ['web 2.3.0', 'api (web:1.5.0)', 'worker 1 (web:1.5.0)'],
    )
  })

  test('shortens an image to what tells it apart', () => {
    const digest = `sha256:${'ab'.repeat(32)}`
    assert.equal(shortImage('registry.example:5000/shop/web:1.5.0'), 'web:1.5.0')
    assert.equal(shortImage(`registry.example:5000/shop/web@${digest}`), 'web@abababababab')
    assert.equal(shortImage('web'), 'web')
    assert.equal(shortImages('x.example/shop/web:1.0.0, x.example/shop/web:1.1.0'), 'web:1.0.0, web:1.1.0')
  })
})
