import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import { clientAddress } from './kubernetes/client-address.ts'
import { createTrustedProxies } from './trusted-proxies.ts'

const cases: readonly (readonly [proxy: string, address: string, trusted: boolean])[] = [
  ['10.0.3.7', '10.0.3.7', true],
  ['10.0.3.7', '10.0.3.8', false],
  ['10.0.0.0/8', '10.200.3.7', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['10.0.0.0/8', '::FFFF:10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:a01:203', true],
  ['::ffff:10.0.0.0/104', '10.1.2.3', true],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
  ['0.0.0.0/0', '192.0.2.1', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:1::5', true],
  ['2001:db8::/32', '2001:db9::5', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['10.0.0.0/8', 'unknown', false],
  ['10.0.0.0/8', '', false],
]

describe('a proxy of the operator', () => {
  for (const [proxy, address, trusted] of cases)
    test(`${proxy}: ${address === '' ? 'no address' : address} is ${trusted ? 'one' : 'none'}`, () => {
      assert.equal(createTrustedProxies([proxy])(address), trusted)
    })

  for (const proxy of ['', 'proxy.example', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.0/', '::ffff:10.0.0.0/8'])
    test(`is not ${proxy === '' ? 'nothing' : proxy}`, () => {
      const isInvalid = (thrown: unknown) => asFlotillaError(thrown).code === 'input.invalid'
      assert.throws(() => createTrustedProxies([proxy]), isInvalid)
    })

  test('tells where a request to a cluster comes from, over several of them, and nobody else does', () => {
    const isProxy = createTrustedProxies(['10.0.0.0/8', 'fd00::/8'])
    const from = (remoteAddress: string, via?: string) =>
      clientAddress(
        { socket: { remoteAddress }, headers: via === undefined ? {} : { 'x-forwarded-for': via } },
        isProxy,
      )
    assert.equal(from('::ffff:10.1.2.3', '198.51.100.1, 192.0.2.9, 10.4.4.4'), '192.0.2.9')
    assert.equal(from('fd00::7', '2001:db8::9'), '2001:db8::9')
    assert.equal(from('192.0.2.1', '198.51.100.1'), '192.0.2.1')
    assert.equal(from('10.1.2.3'), '10.1.2.3')
  })
})
