import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePreferences } from './preferences.ts'

describe('preferences', () => {
  test('follow the browser until something was chosen', () => {
    assert.deepEqual(parsePreferences(null, ['zh-Hans-CN', 'en']), {
      theme: 'system',
      language: 'zh-CN',
      zone: 'local',
    })
    assert.deepEqual(parsePreferences(null, ['de-DE']), { theme: 'system', language: 'en', zone: 'local' })
  })

  test('keep what was chosen over what the browser says', () => {
    assert.equal(parsePreferences('{"language":"en"}', ['zh-CN']).language, 'en')
  })

  test('survive broken or foreign entries', () => {
    for (const stored of ['{', '[]', 'null', '{"theme":"sepia","zone":5}']) {
      assert.deepEqual(parsePreferences(stored, ['en']), { theme: 'system', language: 'en', zone: 'local' })
    }
  })
})
