import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { FlotillaError } from './errors.ts'
import { ApplicationSpec } from './kinds/application.ts'
import { parseInput } from './parse.ts'

function refused(input: unknown): FlotillaError {
  try {
    parseInput(ApplicationSpec, input)
  } catch (error) {
    assert.ok(error instanceof FlotillaError)
    return error
  }
  throw new assert.AssertionError({ message: 'was accepted' })
}

describe('input of people', () => {
  test('names the field and the value at fault', () => {
    const error = refused({ components: [{ name: 'Web!', manifests: { inline: 'a' } }] })
    assert.equal(error.code, 'input.invalid')
    assert.equal(error.field, 'components[0].name')
    assert.equal(error.value, 'Web!')
  })
  test('wants exactly one source', () => {
    assert.equal(refused({ components: [{ name: 'web' }] }).field, 'components[0]')
    assert.equal(
      refused({ components: [{ name: 'web', manifests: { inline: 'a' }, kustomize: { git: { url: 'https://a' } } }] })
        .field,
      'components[0]',
    )
  })
  test('refuses what git could take for an option', () => {
    for (const git of [
      { url: '--upload-pack=x' },
      { url: 'https://a', ref: '-x' },
      { url: 'https://a', path: '-p' },
      { url: 'https://a\nb' },
      { url: 'https://a', path: '../b' },
      { url: 'https://a', path: '/etc' },
    ]) {
      assert.match(refused({ components: [{ name: 'web', kustomize: { git } }] }).field ?? '', /git\.(url|ref|path)$/)
    }
  })
  test('never shows the value of a field that may be secret', () => {
    const schema = z.object({ password: z.string().min(40) })
    assert.throws(
      () => parseInput(schema, { password: 'hunter2' }),
      (error) =>
        error instanceof FlotillaError && error.value === undefined && !JSON.stringify(error).includes('hunter2'),
    )
  })
})
