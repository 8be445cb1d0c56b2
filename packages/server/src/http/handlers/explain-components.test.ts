import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ExplainAnswer } from '@flotilla/api'
import { type Application, FlotillaError } from '@flotilla/model'
import { explainComponents } from './explain-components.ts'

const shop = (...names: string[]): Application =>
  ({ metadata: { name: 'shop' }, spec: { components: names.map((name) => ({ name })) } }) as unknown as Application

/** Answers for those that have the value; `worker` has no values at all. */
const among =
  (...having: string[]) =>
  async (component: string): Promise<ExplainAnswer> => {
    if (component === 'worker') throw new FlotillaError('input.invalid', { message: 'it is no chart', field: 'path' })
    if (component === 'broken') throw new FlotillaError('source.unreachable', { message: 'away' })
    return { component, cluster: 'east', namespace: 'shop', path: 'a', set: having.includes(component), layers: [] }
  }

describe('which component a value is of', () => {
  test('is the one that is named, or the only one, whether the value is set or not', async () => {
    assert.equal((await explainComponents(shop('web', 'api'), 'api', among())).component, 'api')
    assert.equal((await explainComponents(shop('web'), undefined, among())).component, 'web')
    await assert.rejects(explainComponents(shop('web', 'api'), 'apy', among()), {
      code: 'input.invalid',
      field: 'component',
      value: 'apy',
      remedy: 'Name one of web, api',
    })
  })
  test('is the one that has it, when none is named', async () => {
    assert.equal((await explainComponents(shop('web', 'worker', 'api'), undefined, among('api'))).component, 'api')
  })
  test('is asked for when several have it, or none', async () => {
    const several = explainComponents(shop('web', 'worker', 'api'), undefined, among('web', 'api'))
    await assert.rejects(several, { code: 'input.invalid', remedy: 'Name one of web, api' })
    const none = explainComponents(shop('web', 'worker'), undefined, among())
    await assert.rejects(none, { code: 'input.invalid', remedy: 'Name one of web, worker' })
  })
  test('is not guessed while one cannot be asked', async () => {
    await assert.rejects(explainComponents(shop('web', 'broken'), undefined, among('web')), {
      code: 'source.unreachable',
    })
  })
})
