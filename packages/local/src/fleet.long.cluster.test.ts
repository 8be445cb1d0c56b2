import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runLocal } from './cli/main.ts'
import type { Fleet } from './fleet.ts'
import { eventually, kubectl, tryKubectl } from './testing/kubectl.ts'
import { openTestFleet } from './testing/open-test-fleet.ts'

const namespace = `local-${randomBytes(3).toString('hex')}`
let fleet: Fleet
let dir: string

before(async () => {
  fleet = await openTestFleet()
  dir = await mkdtemp(path.join(tmpdir(), 'flotilla-local-'))
  await kubectl(fleet, 'east', ['create', 'namespace', namespace])
})

after(async () => {
  await kubectl(fleet, 'east', ['delete', 'namespace', namespace, '--wait=false'])
  await rm(dir, { recursive: true, force: true })
})

describe('a cluster of a local fleet', () => {
  test('runs a pod from an image that a person pushed, by its plain and its docker.io name', async () => {
    const file = path.join(dir, 'tool')
    await writeFile(file, await readFile('/bin/busybox'), { mode: 0o755 })
    assert.equal(await runLocal(['--dir', fleet.dir, 'image', 'push', 'tool:1', `/bin/echo=${file}`]), 0)
    for (const [pod, image] of [
      ['plain', 'tool:1'],
      ['full', 'docker.io/library/tool:1'],
    ] as const) {
      await kubectl(fleet, 'east', [
        '-n',
        namespace,
        'run',
        pod,
        `--image=${image}`,
        '--restart=Never',
        '--',
        'it',
        'runs',
      ])
      const phase = ['-n', namespace, 'get', 'pod', pod, '-o', 'jsonpath={.status.phase}']
      await eventually(`${pod} has run`, async () => (await kubectl(fleet, 'east', phase)) === 'Succeeded')
      assert.equal(await kubectl(fleet, 'east', ['-n', namespace, 'logs', pod]), 'it runs\n')
    }
  })

  test('resolves names, serves Services and lets one exec', async () => {
    await kubectl(fleet, 'east', ['-n', namespace, 'create', 'deployment', 'api', '--image=shop/api:1.0.0'])
    await kubectl(fleet, 'east', ['-n', namespace, 'expose', 'deployment', 'api', '--port=80', '--target-port=8080'])
    await kubectl(fleet, 'east', ['-n', namespace, 'rollout', 'status', 'deployment/api', '--timeout=60s'])
    const fetched = [
      '-n',
      namespace,
      'exec',
      'deploy/api',
      '--',
      'wget',
      '-q',
      '-O',
      '-',
      `http://api.${namespace}.svc.cluster.local/items`,
    ]
    await eventually('the Service answers', async () =>
      (await kubectl(fleet, 'east', fetched)).includes('"price":"24.50 EUR"'),
    )
    const failed = await tryKubectl(fleet, 'east', ['-n', namespace, 'exec', 'deploy/api', '--', 'sh', '-c', 'exit 7'])
    assert.equal(failed.code, 7)
  })

  test('measures its nodes and pods', async () => {
    await eventually('kubectl top knows the node', async () =>
      /east\s+\d+m/.test(await kubectl(fleet, 'east', ['top', 'nodes'])),
    )
    await eventually('kubectl top knows a pod', async () =>
      /coredns\S*\s+\d+m\s+\d+Mi/.test(await kubectl(fleet, 'east', ['top', 'pods', '-n', 'kube-system'])),
    )
  })
})
