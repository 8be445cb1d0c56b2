import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { FlotillaError, type JsonPatchOperation, type KubeObject, matchesTarget } from '@flotilla/model'
import { applyPatches } from './apply-patches.ts'
import { applyJsonPatch } from './json-patch.ts'

// The examples of RFC 6902, appendix A, and what Kubernetes' patches meet.
const fits: readonly [string, unknown, JsonPatchOperation[], unknown][] = [
  ['A.1 adds a member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
  [
    'A.2 adds an element',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  ['A.3 removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  ['A.4 removes an element', { foo: [1, 2, 3] }, [{ op: 'remove', path: '/foo/1' }], { foo: [1, 3] }],
  ['A.5 replaces a value', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
  [
    'A.6 moves a value',
    { foo: { bar: 1, waldo: 2 }, qux: {} },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 1 }, qux: { thud: 2 } },
  ],
  [
    'A.7 moves an element',
    { foo: [1, 2, 3, 4] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: [1, 3, 4, 2] },
  ],
  [
    'A.8 tests a value',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [{ op: 'test', path: '/foo/1', value: 2 }],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'A.10 adds a nested object',
    { foo: 1 },
    [{ op: 'add', path: '/child', value: { grand: {} } }],
    { foo: 1, child: { grand: {} } },
  ],
  ['A.14 escapes ~', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  [
    'A.16 adds a list to a list',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc'] }],
    { foo: ['bar', ['abc']] },
  ],
  [
    'copies',
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  ['adds over a member', { a: 1 }, [{ op: 'add', path: '/a', value: null }], { a: null }],
  [
    'escapes / in annotations',
    { a: { 'x/y': 1 } },
    [{ op: 'replace', path: '/a/x~1y', value: 2 }],
    { a: { 'x/y': 2 } },
  ],
  ['replaces the whole', { a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
]

const failures: readonly [string, unknown, JsonPatchOperation[]][] = [
  ['A.9 a test that fails', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }]],
  ['A.12 a parent that is missing', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }]],
  ['A.15 a text is no number', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }]],
  ['a member that is missing', { a: 1 }, [{ op: 'remove', path: '/b' }]],
  ['replacing what is missing', { a: 1 }, [{ op: 'replace', path: '/b', value: 1 }]],
  ['an index beyond the end', { a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }]],
  ['an index with a leading zero', { a: [1, 2] }, [{ op: 'replace', path: '/a/01', value: 1 }]],
  ['removing after the end', { a: [1] }, [{ op: 'remove', path: '/a/-' }]],
  ['a value moved into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }]],
  ['a path without a slash', { a: 1 }, [{ op: 'remove', path: 'a' }]],
  ['no value', { a: 1 }, [{ op: 'add', path: '/b' }]],
  ['no from', { a: 1 }, [{ op: 'copy', path: '/b' }]],
  ['the prototype', { a: {} }, [{ op: 'add', path: '/__proto__/polluted', value: 1 }]],
  ['what objects inherit', { a: {} }, [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }]],
]

describe('JSON patch (RFC 6902)', () => {
  for (const [title, document, operations, expected] of fits) {
    test(title, () => assert.deepEqual(applyJsonPatch(document, operations), expected))
  }

  for (const [title, document, operations] of failures) {
    test(`refuses ${title}, and changes nothing`, () => {
      const before = structuredClone(document)
      const all: JsonPatchOperation[] = [{ op: 'add', path: '/first', value: 1 }, ...operations]
      assert.throws(
        () => applyJsonPatch(document, all),
        (thrown) =>
          thrown instanceof FlotillaError && thrown.code === 'render.failed' && thrown.field === 'operations[1]',
      )
      assert.deepEqual(document, before)
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    })
  }

  const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'))
  const key = fc.string({ maxLength: 5 }).filter((text) => text !== '__proto__')
  const pointer = (text: string): string => `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`

  test('add then remove gives back what was there, for any key and value', () => {
    fc.assert(
      fc.property(fc.dictionary(key, json), key, json, (document, name, value) => {
        fc.pre(!Object.hasOwn(document, name))
        const normal = JSON.parse(JSON.stringify(document)) as Record<string, unknown>
        const added = applyJsonPatch(normal, [{ op: 'add', path: pointer(name), value }])
        assert.deepEqual(applyJsonPatch(added, [{ op: 'test', path: pointer(name), value }]), added)
        assert.deepEqual(applyJsonPatch(added, [{ op: 'remove', path: pointer(name) }]), normal)
      }),
    )
  })
})

describe('patches on rendered objects', () => {
  const object = (kind: string, name: string, apiVersion = 'apps/v1'): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name },
    spec: {},
  })
  const operations: JsonPatchOperation[] = [{ op: 'add', path: '/spec/x', value: 1 }]

  for (const [target, hit] of [
    [{ kind: 'Deployment' }, true],
    [{ kind: 'StatefulSet' }, false],
    [{ kind: 'Deployment', group: 'apps' }, true],
    [{ kind: 'Deployment', group: '' }, false],
    [{ kind: 'Deployment', name: 'web' }, false],
    [{ kind: 'Deployment', name: 'shop-web' }, true],
    [{ kind: 'Deployment', name: '*-web' }, true],
    [{ kind: 'Deployment', name: 'shop-*' }, true],
    [{ kind: 'Deployment', name: '*' }, true],
    [{ kind: 'Deployment', name: 's*p*b' }, true],
    [{ kind: 'Deployment', name: 'shop-web*web' }, false],
    [{ kind: 'Deployment', name: '.*' }, false],
  ] as const) {
    test(`${JSON.stringify(target)} ${hit ? 'is' : 'is not'} the deployment shop-web`, () => {
      assert.equal(matchesTarget(target, object('Deployment', 'shop-web')), hit)
    })
  }

  test('each patch goes to all it names, in order; one that finds nothing is named', () => {
    const objects = [object('Deployment', 'a'), object('Deployment', 'b'), object('Service', 'a', 'v1')]
    const result = applyPatches(objects, [
      { target: { kind: 'Deployment' }, operations },
      { target: { kind: 'Deployment', name: 'b' }, operations: [{ op: 'replace', path: '/spec/x', value: 2 }] },
      { target: { kind: 'Job' }, operations },
    ])
    assert.deepEqual(
      result.objects.map(({ spec }) => spec),
      [{ x: 1 }, { x: 2 }, {}],
    )
    assert.deepEqual(result.unmatched, [2])
    assert.equal(result.objects[2], objects[2])
  })

  test('a patch that does not fit names object and operation; one that takes the name away is refused', () => {
    const fails = (patch: JsonPatchOperation, field: string): void => {
      assert.throws(
        () => applyPatches([object('Deployment', 'a')], [{ target: { kind: 'Deployment' }, operations: [patch] }]),
        (thrown) =>
          thrown instanceof FlotillaError && thrown.field === field && thrown.message.startsWith('Deployment a:'),
      )
    }
    fails({ op: 'remove', path: '/spec/y' }, 'patches[0].operations[0]')
    fails({ op: 'remove', path: '/metadata/name' }, 'patches[0]')
  })
})
