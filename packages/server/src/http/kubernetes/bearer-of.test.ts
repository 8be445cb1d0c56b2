import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { IncomingHttpHeaders } from 'node:http'
import { bearerOf, refuseOtherOrigins } from './bearer-of.ts'

const offer = (token: string): string =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`
const webSocket = (protocols: string): IncomingHttpHeaders => ({
  upgrade: 'websocket',
  'sec-websocket-protocol': protocols,
})

describe('the token of a request to a cluster', () => {
  const cases: readonly (readonly [string, IncomingHttpHeaders, string | undefined])[] = [
    ['is in the header', { authorization: 'Bearer flk_a.b' }, 'flk_a.b'],
    ['is what a browser offers as a subprotocol', webSocket(`v5.channel.k8s.io, ${offer('flk_a.b')}`), 'flk_a.b'],
    [
      'is that of the header where both are there',
      { ...webSocket(offer('flk_other')), authorization: 'Bearer flk_a.b' },
      'flk_a.b',
    ],
    ['is none of two', webSocket(`${offer('flk_a.b')}, ${offer('flk_c.d')}`), undefined],
    ['is not in a request that opens no WebSocket', { 'sec-websocket-protocol': offer('flk_a.b') }, undefined],
    ['is never a cookie', { ...webSocket('v5.channel.k8s.io'), cookie: 'flotilla-session=flo_x' }, undefined],
    ['has no characters that a header could not have', webSocket(offer('flk_a\r\nb')), undefined],
  ]
  for (const [what, headers, expected] of cases) test(what, () => assert.equal(bearerOf(headers), expected))
})

describe('a WebSocket', () => {
  const host = 'flotilla.example:8443'
  const upgrade = 'websocket'
  test('is opened by pages of this origin, and by programs', () => {
    refuseOtherOrigins({ upgrade, host })
    refuseOtherOrigins({ upgrade, host, origin: 'https://flotilla.example:8443' })
  })
  test('is refused to pages of other origins', () => {
    for (const origin of ['https://evil.example', 'https://flotilla.example', 'null', 'file://', ''])
      assert.throws(() => refuseOtherOrigins({ upgrade, host, origin }), { code: 'request.csrf' })
  })
})
