import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findPeersFault, isNetworkFaulty, patchNetwork, readNetwork } from './network-form.ts'

const open = readNetwork(undefined)

describe('the form of a network', () => {
  test('writes nothing while it is open, and takes all away when it is opened', () => {
    assert.equal(patchNetwork(undefined, open), undefined)
    const before = { isolation: 'Isolated', allowFrom: { workspace: true } }
    assert.equal(patchNetwork(before, { ...readNetwork(before), isolated: false }), undefined)
  })
  test('writes names and networks as lists, and keeps what it does not know', () => {
    const before = { isolation: 'Isolated', allowFrom: { namespaceLabels: { team: 'sre' }, workspace: true }, later: 1 }
    const from = { workspace: false, namespaces: ' ingress-nginx,  gateway ', addresses: '10.0.0.0/8' }
    assert.deepEqual(patchNetwork(before, { ...readNetwork(before), from }), {
      isolation: 'Isolated',
      allowFrom: {
        namespaceLabels: { team: 'sre' },
        namespaces: ['ingress-nginx', 'gateway'],
        addresses: ['10.0.0.0/8'],
      },
      later: 1,
    })
  })
  test('names what it lets out to only while that is shut', () => {
    const to = { workspace: true, namespaces: '', addresses: '' }
    const shut = { ...open, isolated: true, egressIsolated: true, to }
    assert.deepEqual(patchNetwork(undefined, shut), {
      isolation: 'Isolated',
      egress: 'Isolated',
      allowTo: { workspace: true },
    })
    assert.deepEqual(patchNetwork(undefined, { ...shut, egressIsolated: false }), { isolation: 'Isolated' })
  })
  test('finds what cannot be written, where it would be written', () => {
    const wrong = { workspace: false, namespaces: 'ingress, Not_One', addresses: '' }
    assert.deepEqual(findPeersFault(wrong), { field: 'namespaces', word: 'Not_One' })
    assert.deepEqual(findPeersFault({ ...wrong, namespaces: '', addresses: '10.0.0.1' }), {
      field: 'addresses',
      word: '10.0.0.1',
    })
    assert.equal(findPeersFault({ ...wrong, namespaces: '', addresses: '10.0.0.0/8 2001:db8::/32' }), undefined)
    assert.deepEqual(
      [true, false].map((isolated) => isNetworkFaulty({ ...open, isolated, from: wrong })),
      [true, false],
    )
  })
})
