import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { parse } from 'yaml'
import { renderClusterConfig } from './cluster-config.ts'
import { renderProcesses } from './cluster-processes.ts'
import { assertClusterName, mergeClusters } from './fleet.ts'
import { renderKubeconfig } from './kubeconfig.ts'
import { clusterPaths } from './paths.ts'
import { renderResolvConf } from './resolv-conf.ts'

describe('the clusters of a fleet', () => {
  test('keep their index, so that their address stays theirs', () => {
    const first = mergeClusters([], [{ name: 'hub' }, { name: 'east' }, { name: 'west' }])
    assert.deepEqual(
      first.map(({ name, index }) => [name, index]),
      [
        ['hub', 0],
        ['east', 1],
        ['west', 2],
      ],
    )
    const without = first.filter(({ name }) => name !== 'east')
    const again = mergeClusters(without, [{ name: 'hub' }, { name: 'scale', fakeNodes: 20 }])
    assert.deepEqual(again, [
      { name: 'hub', index: 0, fakeNodes: 0 },
      { name: 'west', index: 2, fakeNodes: 0 },
      { name: 'scale', index: 1, fakeNodes: 20 },
    ])
  })

  test('a cluster that is only named again keeps its simulated nodes', () => {
    assert.deepEqual(mergeClusters([{ name: 'scale', index: 3, fakeNodes: 20 }], [{ name: 'scale' }]), [
      { name: 'scale', index: 3, fakeNodes: 20 },
    ])
  })

  test('more than sixty are refused', () => {
    const many = Array.from({ length: 61 }, (_, index) => ({ name: `c${index}` }))
    assert.throws(() => mergeClusters([], many), FlotillaError)
  })

  for (const name of ['', '-a', 'a-', 'A', '1a', 'a_b', 'a/b', '..', 'a'.repeat(31)]) {
    test(`${JSON.stringify(name)} is no name of a cluster`, () => {
      assert.throws(
        () => assertClusterName(name),
        (error) => error instanceof FlotillaError && error.field === 'NAME',
      )
    })
  }
})

describe("a cluster's files", () => {
  const input = {
    cluster: 'east',
    address: '10.140.0.11',
    pods: '10.140.8.0/22',
    pki: '/f/pki',
    etc: '/f/etc',
    containerdRoot: '/f/containerd',
    cniBin: '/parts/containerd',
    registry: '10.140.0.1:5000',
    pauseImage: 'docker.io/flotilla/pause:1',
  }

  test('every configuration that is JSON or YAML parses', () => {
    const files = renderClusterConfig(input)
    assert.equal((parse(files['kubelet.yaml'] ?? '') as { kind: string }).kind, 'KubeletConfiguration')
    assert.equal((parse(files['kube-proxy.yaml'] ?? '') as { clusterCIDR: string }).clusterCIDR, '10.140.8.0/22')
    assert.equal((parse(files['cni/10-bridge.conflist'] ?? '') as { plugins: object[] }).plugins.length, 2)
    assert.match(files['certs.d/_default/hosts.toml'] ?? '', /^\[host\."http:\/\/10\.140\.0\.1:5000"\]$/m)
  })

  test('kwok runs only where nodes are simulated, and etcd starts before what needs it', () => {
    const processes = (kwok?: string) =>
      renderProcesses({
        cluster: 'east',
        address: input.address,
        paths: clusterPaths('/f', 'east'),
        kubernetes: '/k',
        containerd: '/c',
        kwok,
      }).map(({ name }) => name)
    assert.deepEqual(processes(), [
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'containerd',
      'kubelet',
      'kube-proxy',
    ])
    assert.equal(processes('/kwok').at(-1), 'kwok')
  })

  test('the kubeconfig has a context per cluster and the keys inside', () => {
    const access = (cluster: string) => ({
      cluster,
      server: `https://${cluster}:6443`,
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
    })
    const text = renderKubeconfig([access('hub'), access('east')])
    const config = parse(text) as {
      contexts: { name: string }[]
      users: { user: Record<string, string> }[]
      'current-context': string
    }
    assert.deepEqual(
      config.contexts.map(({ name }) => name),
      ['hub', 'east'],
    )
    assert.equal(config['current-context'], 'hub')
    assert.equal(Buffer.from(config.users[0]?.user['client-key-data'] ?? '', 'base64').toString(), 'KEY')
  })

  test('name servers on the loopback of the machine are not asked from inside', () => {
    assert.equal(
      renderResolvConf('nameserver 127.0.0.53\nsearch a.b\noptions edns0\n'),
      'options timeout:1 attempts:1\n',
    )
    assert.equal(
      renderResolvConf('# x\nnameserver 192.0.2.1\nnameserver ::1\n nameserver 192.0.2.2\n'),
      'nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions timeout:1 attempts:1\n',
    )
  })
})
