import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { choiceFault, readChoice, writeChoice } from './cluster-choice.ts'
import { emptyProject, emptyTarget, faultyTargets, patchProjectSpec, readProject } from './project-form.ts'

const word = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/)
const choice = fc.oneof(
  fc.constant({}),
  fc.record({ names: fc.array(word, { minLength: 1, maxLength: 3 }) }),
  fc.record({ selector: fc.record({ matchLabels: fc.dictionary(word, word, { minKeys: 1, maxKeys: 3 }) }) }),
  // more than the form knows
  fc.record({
    names: fc.array(word),
    selector: fc.record({ matchExpressions: fc.constant([{ key: 'a', operator: 'Exists' }]) }),
  }),
)
const target = fc.record(
  { clusters: choice, namespace: word, environment: word, later: fc.jsonValue() },
  { requiredKeys: ['clusters'] },
)
const peers = fc.record(
  {
    workspace: fc.boolean(),
    namespaces: fc.array(word, { maxLength: 2 }),
    namespaceLabels: fc.constant({ team: 'sre' }),
    addresses: fc.constant(['10.0.0.0/8']),
  },
  { requiredKeys: [] },
)
const spec = fc.record(
  {
    displayName: word,
    description: word,
    podSecurity: fc.constantFrom('restricted', 'baseline', 'privileged'),
    scope: fc.constant('Namespaced'),
    quota: fc.jsonValue(),
    network: fc.record(
      {
        isolation: fc.constantFrom('Open', 'Isolated'),
        egress: fc.constantFrom('Open', 'Isolated'),
        allowFrom: peers,
        allowTo: peers,
        later: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    shells: fc.oneof(fc.jsonValue(), fc.record({ record: fc.constantFrom('Never', 'Output'), later: word })),
    targets: fc.array(target, { maxLength: 3 }),
  },
  { requiredKeys: ['targets'] },
)
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('the form of a project', () => {
  test('changes nothing when nothing is changed, and no field that it does not know', () => {
    fc.assert(
      fc.property(spec, word, (given, name) => {
        const before = plain(given)
        const form = readProject({ spec: before })
        assert.deepEqual(plain(patchProjectSpec(before, form)), before)
        const after = plain(patchProjectSpec(before, { ...form, displayName: name }))
        assert.deepEqual(after, { ...(before as object), displayName: name })
      }),
    )
  })
  test('takes a field away whose text is empty, and spaces around it', () => {
    const before = {
      displayName: 'Shop',
      quota: { cpu: '4' },
      targets: [{ clusters: {}, namespace: 'shop', later: 1 }],
    }
    const form = readProject({ spec: before })
    const [first = emptyTarget] = form.targets
    const changed = { ...form, displayName: ' ', targets: [{ ...first, namespace: '', environment: ' prod ' }] }
    assert.deepEqual(patchProjectSpec(before, changed), {
      quota: { cpu: '4' },
      targets: [{ clusters: {}, later: 1, environment: 'prod' }],
    })
  })
  test('begins with one target in every cluster', () => {
    assert.deepEqual(patchProjectSpec({}, { ...emptyProject, podSecurity: 'restricted' }), {
      podSecurity: 'restricted',
      targets: [{ clusters: {} }],
    })
  })
  test('names the targets that choose nothing', () => {
    const none = { ...emptyTarget, choice: { type: 'names', names: [], labels: '' } } as const
    assert.deepEqual(faultyTargets({ ...emptyProject, targets: [emptyTarget, none] }), [1])
  })
})

describe('a choice of clusters in a form', () => {
  test('is all, by name, by label, or what the form leaves alone', () => {
    assert.equal(readChoice(undefined).type, 'all')
    assert.equal(readChoice({}).type, 'all')
    assert.deepEqual(readChoice({ names: ['east'] }).names, ['east'])
    assert.equal(readChoice({ selector: { matchLabels: { region: 'eu', tier: 'a' } } }).labels, 'region=eu\ntier=a')
    assert.equal(readChoice({ names: ['east'], selector: {} }).type, 'other')
    assert.equal(readChoice({ selector: { matchExpressions: [] } }).type, 'other')
  })
  test('is written as Kubernetes has it', () => {
    const form = { type: 'labels', names: [], labels: 'region=eu, tier=a' } as const
    assert.deepEqual(writeChoice(form, { names: ['x'] }), { selector: { matchLabels: { region: 'eu', tier: 'a' } } })
    assert.deepEqual(writeChoice({ ...form, type: 'all' }, { names: ['x'] }), {})
    const strange = { names: ['east'], selector: { matchExpressions: [] } }
    assert.equal(writeChoice(readChoice(strange), strange), strange)
  })
  test('says why it cannot be written', () => {
    assert.equal(choiceFault({ type: 'names', names: [], labels: '' }), 'no-names')
    assert.equal(choiceFault({ type: 'labels', names: [], labels: 'x' }), 'bad-labels')
    assert.equal(choiceFault({ type: 'labels', names: [], labels: '' }), 'no-labels')
    assert.equal(choiceFault({ type: 'all', names: [], labels: '' }), undefined)
  })
})
