import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matchesSelector, type NetworkPeers, ProjectNetwork } from '@flotilla/model'
import * as fc from 'fast-check'
import { namespaceObject } from '../project/objects.ts'
import { aProject, aWorkspace } from '../testing/fleet-world.ts'
import { targetPolicy } from './target-policy.ts'

interface Peer {
  readonly namespaceSelector?: Parameters<typeof matchesSelector>[0]
  readonly ipBlock?: { readonly cidr: string }
}
interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports?: readonly { readonly port: number }[]
}
interface Spec {
  readonly podSelector: unknown
  readonly policyTypes: readonly string[]
  readonly ingress: readonly Rule[]
  readonly egress?: readonly Rule[]
}

const ownerOf = (name: string, workspace = 'retail') => ({
  project: aProject(name),
  workspaceName: workspace,
  workspaceUid: aWorkspace(workspace).metadata.uid ?? '',
})
const policyOf = (network: unknown): Spec | undefined => {
  const project = aProject('shop', { network: ProjectNetwork.parse(network) })
  return targetPolicy({ ...ownerOf('shop'), project }, { namespace: 'shop' })?.['spec'] as Spec | undefined
}
const labelsOf = (name: string, workspace?: string) =>
  namespaceObject(ownerOf(name, workspace), name).metadata.labels ?? {}
const places = {
  own: labelsOf('shop'),
  neighbour: labelsOf('till'),
  stranger: labelsOf('payroll', 'finance'),
  ingress: { 'kubernetes.io/metadata.name': 'ingress-nginx' },
  monitoring: { 'kubernetes.io/metadata.name': 'metrics', team: 'sre', tier: 'gold' },
}
const lets = (peers: readonly Peer[] = []): string[] =>
  Object.entries(places)
    .filter(([, labels]) => peers.some(({ namespaceSelector: of }) => of !== undefined && matchesSelector(of, labels)))
    .map(([place]) => place)

describe('the policy of a project', () => {
  test('is none where nobody asks for isolation', () => {
    assert.equal(targetPolicy(ownerOf('shop'), { namespace: 'shop' }), undefined)
    assert.equal(policyOf({}), undefined)
  })

  const cases: readonly (readonly [string, NetworkPeers, readonly string[]])[] = [
    ['nobody else', {}, ['own']],
    ['the workspace', { workspace: true }, ['own', 'neighbour']],
    ['namespaces by name', { namespaces: ['ingress-nginx'] }, ['own', 'ingress']],
    ['namespaces by label', { namespaceLabels: { team: 'sre' } }, ['own', 'monitoring']],
    ['lists that are empty let in nobody', { namespaces: [], namespaceLabels: {}, addresses: [] }, ['own']],
    ['networks only', { addresses: ['10.0.0.0/8'] }, ['own']],
  ]
  for (const [what, peers, expected] of cases) {
    test(`lets in ${what}`, () => {
      const spec = policyOf({ isolation: 'Isolated', allowFrom: peers })
      assert.deepEqual(lets(spec?.ingress[0]?.from), expected)
      assert.deepEqual(spec?.policyTypes, ['Ingress'])
      assert.deepEqual(spec.podSelector, {})
      const blocks = spec.ingress[0]?.from?.flatMap(({ ipBlock }) => ipBlock?.cidr ?? [])
      assert.deepEqual(blocks, peers.addresses ?? [])
    })
  }

  test('lets out to the project, name servers and whom it names, and nowhere else', () => {
    const spec = policyOf({ isolation: 'Isolated', egress: 'Isolated', allowTo: { namespaces: ['ingress-nginx'] } })
    assert.deepEqual(spec?.policyTypes, ['Ingress', 'Egress'])
    const [own, dns, ...more] = spec.egress ?? []
    assert.deepEqual(more, [])
    assert.deepEqual(lets(own?.to), ['own', 'ingress'])
    assert.equal(own?.ports, undefined)
    assert.deepEqual([...new Set(dns?.ports?.map(({ port }) => port))], [53, 5353])
  })

  test('never selects every namespace for other ports than those of name servers, whatever is asked', () => {
    const peers = fc.record(
      {
        workspace: fc.boolean(),
        namespaces: fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }),
        namespaceLabels: fc.dictionary(fc.constantFrom('team', 'tier'), fc.constantFrom('x', '')),
        addresses: fc.array(fc.constantFrom('10.0.0.0/8', '2001:db8::/32'), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(peers, peers, (allowFrom, allowTo) => {
        const spec = policyOf({ isolation: 'Isolated', egress: 'Isolated', allowFrom, allowTo })
        const rules = [...(spec?.ingress ?? []), ...(spec?.egress ?? [])].filter(({ ports }) => ports === undefined)
        for (const { from, to } of rules) {
          const all = from ?? to ?? []
          // a rule without peers lets in everybody
          assert.ok(all.length > 0)
          for (const { namespaceSelector } of all)
            assert.ok(namespaceSelector === undefined || !matchesSelector(namespaceSelector, {}))
        }
      }),
    )
  })
})
