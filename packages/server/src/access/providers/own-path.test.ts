import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ownPath } from './own-path.ts'

test('a path of the console is kept as it is', () => {
  for (const path of ['/', '/apps', '/apps?q=web&cluster=east', '/access/people/ada', '/apps#a', '/a%2Fb'])
    assert.equal(ownPath(path), path)
})

test('whatever is given, it leads to this origin', () => {
  const tricky = fc.stringMatching(/^[/\\.:@?#%\ta-c\n ]{0,12}$/)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.constantFrom('/.//evil.example', '/a/..//evil.example', '/%2e//evil.example', '/\u2028/evil.example'),
        fc.string(),
        tricky,
        fc.webUrl(),
      ),
      (next) => {
        const url = new URL(ownPath(next), 'https://own.example')
        assert.equal(url.origin, 'https://own.example')
        // nor does what the browser made of it
        assert.equal(new URL(url.pathname, 'https://own.example').origin, 'https://own.example')
      },
    ),
  )
})
