import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findProxy } from './proxy.ts'

test('which proxy is taken follows HTTPS_PROXY and NO_PROXY', () => {
  const proxy = 'http://proxy.example:3128'
  const of = (target: string, no = '') => findProxy(new URL(target), { HTTPS_PROXY: proxy, NO_PROXY: no })?.host
  assert.equal(findProxy(new URL('https://a.example'), {}), undefined)
  assert.equal(of('https://a.example'), 'proxy.example:3128')
  assert.equal(findProxy(new URL('https://a.example'), { https_proxy: 'proxy.example:1' })?.host, 'proxy.example:1')
  const cases: readonly (readonly [target: string, no: string, direct: boolean])[] = [
    ['https://a.example', '*', true],
    ['https://a.example', 'a.example', true],
    ['https://a.example', 'b.example, a.example', true],
    ['https://x.a.example', 'a.example', true],
    ['https://x.a.example', '.a.example', true],
    ['https://xa.example', 'a.example', false],
    ['https://a.example:8443', 'a.example:8443', true],
    ['https://a.example', 'a.example:8443', false],
    ['https://10.1.2.3', '10.1.0.0/16', true],
    ['https://10.2.2.3', '10.1.0.0/16', false],
    ['https://10.1.2.3', '10.1.2.3', true],
    ['https://[::1]', '::1', true],
    ['https://a.example', '', false],
  ]
  for (const [target, no, direct] of cases)
    assert.equal(of(target, no), direct ? undefined : 'proxy.example:3128', `${target} with ${no}`)
  assert.throws(() => findProxy(new URL('https://a.example'), { HTTPS_PROXY: 'ftp://user:pw@x' }), {
    message: /no address/,
  })
})
