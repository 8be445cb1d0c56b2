import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { redactor } from './redact.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('secrets in texts', () => {
  test('a secret that begins with another one goes as a whole, in whatever order they are given', () => {
    for (const secrets of [
      ['admin', 'admin-9fK2xx'],
      ['admin-9fK2xx', 'admin'],
    ])
      assert.equal(redactor(secrets, '(secret)')('password: admin-9fK2xx'), 'password: (secret)')
  })

  test('what overlaps goes as a whole', () => {
    assert.equal(redactor(['abcd', 'cd-and-the-rest'])('is abcd-and-the-rest, abcd'), 'is •••, •••')
  })

  test('JSON, Go, base64 and addresses spell it their own way', () => {
    const secret = 'p"a\\s&s<7>/?'
    const spelt = [
      secret,
      JSON.stringify(secret),
      '"p\\"a\\\\s\\u0026s\\u003c7\\u003e/?"',
      JSON.stringify(JSON.stringify(secret).slice(1, -1)),
      base64(secret),
      encodeURIComponent(secret),
    ]
    const clean = redactor([secret])
    for (const text of spelt) assert.match(clean(text), /^"?•••"?$/, text)
  })

  test('each line of a secret of several is one, however far it is indented; short ones stay', () => {
    const lines = ['first: 4711-0815', 'a: 1', 'second: "quoted 42"']
    const clean = redactor([`${lines.join('\n')}\n`])
    assert.equal(clean(`+    ${lines.join('\n+    ')}`), '+    •••\n+    a: 1\n+    •••')
    assert.equal(clean(JSON.stringify({ line: lines[2] })), '{"line":"•••"}')
  })

  test('a secret is known without the white space around it, too', () => {
    assert.equal(redactor(['hunter22\n'])(`hunter22 ${base64('hunter22')}`), '••• •••')
  })

  test('nothing of any secret is left, and without one the text stays', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 6 }), (secrets, parts) => {
        const text = parts.join('-')
        const clean = redactor(secrets)(text)
        assert.ok(secrets.every((secret) => !clean.includes(secret)))
        if (!secrets.some((secret) => text.includes(secret))) assert.equal(clean, text)
      }),
    )
  })

  test('a hundred times as many secrets do not take a hundred times as long', () => {
    const secretsOf = (count: number) => Array.from({ length: count }, (_, at) => `${at * 7919}-secret-${at}`)
    const texts = Array.from({ length: 300 }, (_, at) => `Deployment web-${at}: spec.replicas: Invalid value: ${at}`)
    const timeOf = (count: number): number => {
      const clean = redactor(secretsOf(count))
      const runs = Array.from({ length: 5 }, () => {
        const since = performance.now()
        texts.forEach(clean)
        return performance.now() - since
      })
      return Math.min(...runs)
    }
    const few = timeOf(20)
    const many = timeOf(2_000)
    assert.ok(many < Math.max(few, 1) * 20, `${few} ms with 20 secrets, ${many} ms with 2,000`)
  })
})
