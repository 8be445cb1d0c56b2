import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { Agent, request } from 'undici'
import { FlotillaError } from '@flotilla/model'
import { type AddressGuardOptions, createAddressGuard, pinnedLookup } from './address-guard.ts'

const resolvesTo = (...addresses: string[]): AddressGuardOptions['resolve'] => {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) }))
  return () => Promise.resolve(found)
}

async function verdict(url: string, options: AddressGuardOptions = {}): Promise<string> {
  try {
    await createAddressGuard({ resolve: resolvesTo('192.0.2.10'), ...options }).pin(url, 'url')
    return 'allowed'
  } catch (thrown) {
    assert.ok(thrown instanceof FlotillaError, String(thrown))
    assert.equal(thrown.field, 'url')
    return thrown.code
  }
}

describe('an address guard', () => {
  for (const url of [
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[2002:7f00:1::]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.100.100.200/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://255.255.255.255/',
    'http://224.0.0.1/',
    'https://127.0.0.1.:443/',
  ]) {
    test(`refuses ${url}`, async () => {
      assert.equal(await verdict(url), 'address.refused')
    })
  }

  for (const url of [
    'https://192.0.2.1/',
    'http://10.1.2.3/',
    'https://[2001:db8::1]/',
    'https://example.test/',
    'http://[64:ff9b::192.0.2.1]/',
  ]) {
    test(`lets ${url} through`, async () => {
      assert.equal(await verdict(url), 'allowed')
    })
  }

  test('judges a name by all addresses it has', async () => {
    assert.equal(
      await verdict('https://example.test', { resolve: resolvesTo('192.0.2.1', '127.0.0.1') }),
      'address.refused',
    )
    assert.equal(await verdict('https://example.test', { resolve: resolvesTo('192.0.2.1', '::1') }), 'address.refused')
    assert.equal(await verdict('https://localhost', { resolve: undefined }), 'address.refused')
  })

  test('refuses the service range it was given', async () => {
    const options = { refusedCidrs: ['10.96.0.0/12'] }
    assert.equal(await verdict('https://10.96.0.1', options), 'address.refused')
    assert.equal(await verdict('https://[::ffff:10.96.0.1]', options), 'address.refused')
    assert.equal(await verdict('https://10.112.0.1', options), 'allowed')
  })

  test('lets through what the administrator lists, and nothing beside it', async () => {
    const options = { allowedHosts: ['127.0.0.1:8080', '*.inner.test', 'exact.test'], resolve: resolvesTo('127.0.0.1') }
    assert.equal(await verdict('http://127.0.0.1:8080', options), 'allowed')
    assert.equal(await verdict('http://127.0.0.1:8081', options), 'address.refused')
    assert.equal(await verdict('http://a.inner.test', options), 'allowed')
    assert.equal(await verdict('http://inner.test', options), 'address.refused')
    assert.equal(await verdict('http://notinner.test', options), 'address.refused')
    assert.equal(await verdict('http://EXACT.test:99', options), 'allowed')
    assert.equal(await verdict('http://exact.test.evil.test', options), 'address.refused')
    assert.equal(await verdict('http://127.0.0.1', { allowedCidrs: ['127.0.0.0/8'] }), 'allowed')
  })

  test('names what cannot be resolved, and what is no URL', async () => {
    const resolve = (): Promise<never> => Promise.reject(new Error('ENOTFOUND'))
    assert.equal(await verdict('https://nowhere.test', { resolve }), 'source.unreachable')
    assert.equal(await verdict('https://nowhere.test', { resolve: resolvesTo() }), 'source.unreachable')
    assert.equal(await verdict('nonsense'), 'input.invalid')
    assert.throws(() => createAddressGuard({ allowedCidrs: ['10.0.0.0/33'] }), FlotillaError)
  })

  test('ends with the signal while a name is being resolved', async () => {
    const guard = createAddressGuard({ resolve: () => new Promise(() => undefined) })
    await assert.rejects(guard.pin('https://slow.test', 'url', AbortSignal.timeout(20)), { name: 'TimeoutError' })
  })

  test('every spelling of an IPv4 address is judged as that address', async () => {
    const octet = fc.integer({ min: 0, max: 255 })
    await fc.assert(
      fc.asyncProperty(fc.tuple(octet, octet, octet, octet), async ([a, b, c, d]) => {
        const plain = await verdict(`http://${a}.${b}.${c}.${d}/`)
        const number = ((a * 256 + b) * 256 + c) * 256 + d
        const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        assert.equal(await verdict(`http://${number}/`), plain)
        assert.equal(await verdict(`http://[::ffff:${groups}]/`), plain)
        assert.equal(await verdict(`http://[64:ff9b::${groups}]/`), plain)
      }),
      { numRuns: 200 },
    )
  })

  test('a connection goes to the pinned address, whatever the name says later', async () => {
    const server = createServer((_, answer) => answer.end('reached'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // listening on TCP
    let asked = 0
    const guard = createAddressGuard({
      allowedCidrs: ['127.0.0.0/8'],
      resolve: () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '192.0.2.1', family: 4 }]),
    })
    const url = `http://rebinding.test:${port}/`
    const agent = new Agent({ connect: { lookup: pinnedLookup(await guard.pin(url, 'url')) } })
    try {
      const answer = await request(url, { dispatcher: agent })
      assert.equal(await answer.body.text(), 'reached')
      assert.equal(asked, 1)
    } finally {
      await agent.close()
      server.close()
    }
  })
})
