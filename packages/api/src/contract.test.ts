import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { catalogue, kinds } from '@flotilla/model'
import { addresses } from './addresses.ts'
import { anyRoutes, contract } from './contract.ts'
import { openApiText } from './emit-openapi.ts'

describe('contract', () => {
  test('every address has its route, and only once', () => {
    assert.deepEqual(anyRoutes.map((route) => route.id).sort(), Object.keys(addresses).sort())
    const places = anyRoutes.map((route) => `${route.method} ${route.path.replaceAll(/:[a-z]+/g, ':')}`)
    assert.equal(new Set(places).size, places.length)
    assert.equal(contract['clusters.list'].path, '/clusters')
  })

  for (const route of anyRoutes) {
    test(`${route.id} says who may call it`, () => {
      const { rights } = route
      if (rights.kind === 'kubernetes') {
        assert.ok(rights.needs.length > 0, 'names no right')
        for (const need of rights.needs) {
          const served = kinds.some((kind) => kind.plural === need.resource)
          assert.ok(need.resource === '*' ? need.scope === 'named' : served, `${need.resource} is no resource of ours`)
          if (need.scope === 'project' && rights.mode === 'refuse') assert.ok(route.path.includes(':project'))
        }
      } else assert.ok(rights.why.length > 20, 'says no reason')
    })

    test(`${route.id} declares the parameters of its path, and known errors`, () => {
      const inPath = [...route.path.matchAll(/:([a-z]+)/g)].map((match) => match[1] ?? '')
      assert.deepEqual(Object.keys(route.params?.shape ?? {}).sort(), inPath.sort())
      for (const code of route.errors) assert.ok(Object.hasOwn(catalogue, code))
      assert.equal(route.body !== undefined, route.sends === 'json')
    })
  }

  test('only signing in and asking what the server is need no session', () => {
    const open = anyRoutes.filter((route) => route.rights.kind === 'public').map((route) => route.id)
    assert.deepEqual(open.sort(), [
      'meta.get',
      'session.redeemCommandLine',
      'session.signIn',
      'signIn.begin',
      'signIn.finish',
      'signIn.ways',
    ])
  })

  test('openapi.json is what the contract says', async () => {
    const committed = await readFile(new URL('../openapi.json', import.meta.url), 'utf8')
    assert.ok(committed === (await openApiText()), 'run: node packages/api/src/emit-openapi.ts')
  })
})
