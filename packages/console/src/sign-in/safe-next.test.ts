import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeNext } from './safe-next.ts'

test('signing in leads back to where one was, never to another origin', () => {
  assert.equal(safeNext('/apps/shop/shop?tab=events'), '/apps/shop/shop?tab=events')
  assert.equal(safeNext('/apps?q=中文#a'), '/apps?q=中文#a')
  const elsewhere = [
    'https://evil.example',
    'javascript:alert(1)',
    '//evil.example',
    '/\\evil.example',
    '/a\\evil.example',
  ]
  const onTheWay = [
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
  ]
  for (const wrong of [null, '', ...elsewhere, ...onTheWay, '/%2e//evil.example', '/sign-in?next=/x'])
    assert.equal(safeNext(wrong), '/apps', String(wrong))
})
