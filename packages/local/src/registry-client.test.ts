import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { parseImageName } from './registry-client.ts'

describe('the name of an image', () => {
  const rows: [string, string, string][] = [
    ['tool:1', 'library/tool', '1'],
    ['shop/web:1.0.0', 'shop/web', '1.0.0'],
    ['docker.io/shop/web:1.0.0', 'shop/web', '1.0.0'],
    ['docker.io/tool:1', 'library/tool', '1'],
    ['quay.io/a/b:2', 'a/b', '2'],
    ['10.140.0.1:5000/charts/shop:1.0.0', 'charts/shop', '1.0.0'],
  ]
  for (const [text, repository, tag] of rows) {
    test(`${text} is asked for as ${repository}`, () => assert.deepEqual(parseImageName(text), { repository, tag }))
  }

  for (const text of ['tool', 'Tool:1', 'a//b:1', ':1', 'tool:', '../x:1', 'tool:-1', 'a b:1']) {
    test(`${JSON.stringify(text)} is refused with the field named`, () => {
      assert.throws(
        () => parseImageName(text),
        (error) => error instanceof FlotillaError && error.code === 'input.invalid' && error.field === 'NAME:TAG',
      )
    })
  }
})
