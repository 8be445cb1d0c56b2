import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { UsageError } from '../exit.ts'
import { type KubeAccess, mergeKubeconfig } from './merge-kubeconfig.ts'

const access = (...names: string[]): KubeAccess => ({
  user: 'flotilla:lab',
  exec: { command: 'flotilla' },
  contexts: names.map((name) => ({ name, cluster: { server: `https://x/${name}` }, namespace: 'shop' })),
  isGone: (name) => !names.includes(name),
})
interface Read {
  'current-context': string
  contexts: { name: string; context: { cluster: string; user: string; namespace?: string } }[]
  clusters: { name: string; cluster: { server: string } }[]
  users: { name: string; user: object }[]
}
const merged = (before: string, wanted: KubeAccess) => {
  const { text, removed } = mergeKubeconfig(before, wanted, 'config')
  return { text, removed, read: parse(text) as Read }
}

describe('contexts put into a kubeconfig', () => {
  test('that is not there yet make a whole one', () => {
    const { read } = merged('', access('a', 'b'))
    assert.deepEqual(read.contexts[1], {
      name: 'b',
      context: { cluster: 'b', user: 'flotilla:lab', namespace: 'shop' },
    })
    assert.equal(read.clusters[0]?.cluster.server, 'https://x/a')
    assert.deepEqual(read.users, [{ name: 'flotilla:lab', user: { exec: { command: 'flotilla' } } }])
    assert.equal(read['current-context'], 'a')
  })

  test('leave what others wrote, comments and unknown fields included, and are the same the second time', () => {
    const theirs =
      '# keep me\napiVersion: v1\nkind: Config\npreferences: {}\nextensions: [{ name: x }]\ncurrent-context: home # mine\nclusters:\n  # the old one\n  - cluster: { server: https://home }\n    name: home\ncontexts:\n  - context: { cluster: home, user: me }\n    name: home\nusers: null\n'
    const once = merged(theirs, access('a'))
    for (const kept of ['# keep me', '# mine', '# the old one', 'extensions: [ { name: x } ]', 'https://home'])
      assert.ok(once.text.includes(kept), `${kept} in\n${once.text}`)
    assert.equal(once.read['current-context'], 'home')
    assert.equal(merged(once.text, access('a')).text, once.text)
  })

  test('go when they are reached no longer, and only they', () => {
    const before = merged('', access('a', 'b')).text
    const { read, removed } = merged(before, access('b', 'c'))
    assert.deepEqual(removed, ['a'])
    assert.deepEqual(
      read.contexts.map(({ name }) => name),
      ['b', 'c'],
    )
    assert.deepEqual(
      read.clusters.map(({ name }) => name),
      ['b', 'c'],
    )
    assert.equal(read['current-context'], 'b')
  })

  test('stay while they are reached, though this time they are not written', () => {
    const before = merged('', access('a', 'b', 'c')).text
    const asked: string[] = []
    const isGone = (name: string, server: string) => asked.push(`${name} ${server}`) > 0 && name === 'c'
    const { read, removed } = merged(before, { ...access('b'), isGone })
    assert.deepEqual(removed, ['c'])
    assert.deepEqual(
      read.contexts.map(({ name }) => name),
      ['a', 'b'],
    )
    assert.deepEqual(asked, ['a https://x/a', 'c https://x/c'])
    assert.equal(read['current-context'], 'a')
  })

  test('keep the namespace that the person chose', () => {
    const before = merged('', access('a')).text.replace('namespace: shop', 'namespace: other')
    assert.equal(merged(before, access('a')).read.contexts[0]?.context.namespace, 'other')
  })

  test('never take a name that somebody else uses, nor a file that is no kubeconfig', () => {
    const taken = 'contexts: [{ name: a, context: { cluster: z, user: me } }]\n'
    const used = 'contexts: [{ name: z, context: { cluster: a, user: me } }]\nclusters: [{ name: a, cluster: {} }]\n'
    for (const wrong of [taken, used, 'contexts: 3\n', '- a\n', 'a: [', '"text"'])
      assert.throws(() => mergeKubeconfig(wrong, access('a'), 'config'), UsageError, wrong)
  })
})
