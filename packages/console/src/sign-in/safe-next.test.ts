import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeNext } from './safe-next.ts'

test('signing in leads back to where one was, never to another origin', () => {
  assert.equal(safeNext('/apps/shop/shop?tab=events'), '/apps/shop/shop?tab=events')
  for (const wrong of [null, '', 'https://evil.example', '//evil.example', '/\\evil.example', '/sign-in?next=/x']) {
    assert.equal(safeNext(wrong), '/apps')
  }
})
