import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ApiClient } from '@flotilla/api'
import { buildImage, type Fleet, type LocalCluster, openTestFleet, pushAgent } from '@flotilla/local'
import { cliOf } from './support/flotilla-cli.ts'
import { type KubectlPerson, makePerson } from './support/kubectl-person.ts'
import { prepareProject, until } from './support/prepare-project.ts'
import type { Ran } from './support/run-program.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'

const member = 'west'
const program = path.resolve(import.meta.dirname, '../bin/flotilla')
/** Two heartbeats of a tunnel, and what it takes to say so. */
const silenceMs = 30_000

/** A member that lets nobody in: everything goes through the tunnel that its agent dials. */
describe('a cluster behind a firewall', () => {
  const suffix = randomBytes(3).toString('hex')
  const image = `flotilla-test/agent-shell-${suffix}:1`
  let fleet: Fleet
  let west: LocalCluster
  let server: RunningFlotilla
  let api: ApiClient
  let admin: (...args: string[]) => Promise<Ran>
  let project: Awaited<ReturnType<typeof prepareProject>>
  let dora: KubectlPerson

  /** As somebody who sits behind the firewall. */
  const inside = (script: string): Promise<{ code: number; stdout: string; stderr: string }> =>
    west.runInside(['sh', '-c', script], {
      KUBECONFIG: west.kubeconfigPath,
      PATH: `${path.join(fleet.dir, 'bin')}:${process.env['PATH']}`,
    })
  const stateOf = async (): Promise<string> =>
    (await api.clusters.get({ params: { cluster: member } })).connection.state
  const connected = (ms = 60_000) => until(async () => (await stateOf()) === 'connected', ms)
  const agentLog = async (): Promise<string> =>
    (await inside('kubectl -n flotilla-system logs deploy/flotilla-agent --tail=50')).stdout
  const agentToken = async (): Promise<string> => {
    const { stdout } = await inside(
      "kubectl -n flotilla-system get secret flotilla-agent -o jsonpath='{.data.token}' | base64 -d",
    )
    return stdout.trim()
  }

  const leaveProject = async (): Promise<void> => {
    const params = { project: project.project, application: 'shell' }
    await api.applications.remove({ params, query: { objects: 'delete' } }).catch(() => 'gone')
    await project.remove()
    await until(async () => (await api.projects.list()).items.every(({ name }) => name !== project.project), 60_000)
  }

  before(
    async () => {
      fleet = await openTestFleet()
      const found = fleet.clusters[member]
      assert.ok(found !== undefined)
      west = found
      await pushAgent(fleet.registry.address, { onProgress: () => undefined })
      server = await startFlotilla({ fleet, listenAt: fleet.registry.address.split(':')[0] ?? '' })
      api = await server.api()
      admin = await cliOf(server)
      const busybox = await readFile('/bin/busybox')
      const links = ['sh', 'cat', 'sleep', 'echo', 'dd', 'tar'].map((one) => ({
        path: `/bin/${one}`,
        linkTo: '/bin/busybox',
      }))
      await fleet.registry.pushImage(
        image,
        buildImage([{ path: '/bin/busybox', content: busybox, mode: 0o755 }, ...links]),
      )
      await west.closeInbound()
    },
    { timeout: 300_000 },
  )
  after(
    async () => {
      await west?.openInbound()
      if (project !== undefined) await leaveProject().catch(() => 'said by the tests')
      if (dora !== undefined) {
        await api.kinds.remove({ params: { kind: 'User', name: dora.name }, query: {} }).catch(() => 'gone')
        await rm(dora.home, { recursive: true, force: true })
      }
      await api?.clusters.remove({ params: { cluster: member }, query: { objects: 'keep' } }).catch(() => 'gone')
      await until(async () => (await api.clusters.list()).items.every(({ name }) => name !== member), 90_000).catch(
        () => 'said by the tests',
      )
      await inside(
        'kubectl -n flotilla-system delete deploy,secret,serviceaccount flotilla-agent --ignore-not-found; kubectl delete clusterrolebinding flotilla-agent --ignore-not-found',
      )
      await server?.stop()
    },
    { timeout: 240_000 },
  )

  test('joins by the one command that is printed, and by nothing else', { timeout: 240_000 }, async () => {
    await assert.rejects(fetch(`${west.server}/readyz`, { signal: AbortSignal.timeout(3_000) }), 'the firewall is open')
    const env = { ...process.env, FLOTILLA_SERVER: server.url, FLOTILLA_TOKEN: await server.token() }
    const adding = spawn(program, ['cluster', 'add', member, '--agent', '-l', 'region=us'], { env })
    let command = ''
    let told = ''
    adding.stdout.on('data', (bytes: Buffer) => (command += bytes.toString()))
    adding.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()))
    const ended = new Promise<number | null>((resolve) => adding.once('close', resolve))
    await until(async () => command.endsWith('\n'), 20_000, 100)
    assert.match(command, /^curl -fsSL .*--pinnedpubkey 'sha256\/\/\S+' https:\S+ \| kubectl apply -f -\n$/)
    const stranger = command.replace(/sha256\/\/..../, 'sha256//AAAA')
    assert.notEqual((await inside(`set -o pipefail; ${stranger}`)).code, 0, 'another key was taken for the server')
    const applied = await inside(command)
    assert.match(applied.stdout, /deployment.apps\/flotilla-agent (?:created|configured|unchanged)/, applied.stderr)
    assert.equal(await ended, 0, told)
    assert.match(told, /Cluster west is connected, Kubernetes v1\./)
    const again = await inside(command.split('|')[0] ?? '')
    assert.match(again.stderr, /404/, 'a code is good once')
    const text = await agentLog()
    assert.doesNotMatch(text, /fl[aj]_|eyJ/, 'a secret is in the log of the agent')
    assert.doesNotMatch(await server.log(), /fl[aj]_|eyJ/, 'a secret is in the log of the server')
    const row = await api.clusters.get({ params: { cluster: member } })
    assert.equal(row.server, '')
    await until(async () => (await api.clusters.get({ params: { cluster: member } })).nodes?.ready === 1)
  })

  test('gets applications, and tells their health and their logs', { timeout: 240_000 }, async () => {
    project = await prepareProject(api, [member])
    const { project: name } = project
    const manifests = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shell' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'shell' } },
        template: {
          metadata: { labels: { app: 'shell' } },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [
              {
                name: 'main',
                image: `docker.io/${image}`,
                command: ['sh', '-c', 'while true; do echo tick; sleep 1; done'],
              },
            ],
          },
        },
      },
    })
    const application = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shell', namespace: `pj-${name}` },
      spec: { components: [{ name: 'main', manifests: { inline: manifests } }] },
    }
    await until(
      async () => (await api.documents.apply({ body: { documents: JSON.stringify(application) } })).failed === 0,
    )
    const status = await admin('status', `${name}/shell`, '--wait', '2m')
    assert.equal(status.code, 0, status.output)
    const logs = await admin('logs', `${name}/shell`, '--tail', '3')
    assert.match(logs.output, /tick/)
    const pods = await admin('get', 'pods', '-n', name)
    assert.match(pods.output, /west.*shell-.*Running/, 'it is not in the list of all clusters')
  })

  test('is reached with kubectl: get, watch, exec, cp', { timeout: 180_000 }, async () => {
    dora = await makePerson({ api, server, fleet }, `dora-${suffix}`)
    const documents = `apiVersion: flotilla.dev/v1alpha1\nkind: Membership\nmetadata: { name: ${dora.name}, namespace: ws-${project.workspace} }\nspec: { user: ${dora.name}, role: developer }\n`
    await api.documents.apply({ body: { documents } })
    await until(async () => (await dora.flotilla('kubeconfig')).code === 0)
    await until(async () => (await dora.kubectl('flotilla-west', 'get', 'pods')).output.includes('Running'))
    const said = await dora.kubectl('flotilla-west', 'exec', 'deploy/shell', '--', 'sh', '-c', 'echo out; exit 7')
    assert.deepEqual([said.code, /^out$/m.test(said.output)], [7, true], said.output)
    const copied = await dora.kubectl(
      'flotilla-west',
      'exec',
      'deploy/shell',
      '--',
      'sh',
      '-c',
      'dd if=/dev/zero bs=1M count=40 2>/dev/null | dd bs=1M 2>/dev/null >/tmp/big; echo done',
    )
    assert.match(copied.output, /done/)
  })

  test('refuses the token anywhere else, and a token of another cluster', { timeout: 60_000 }, async () => {
    const token = await agentToken()
    assert.match(token, /^fla_/)
    const headers = { authorization: `Bearer ${token}` }
    for (const at of ['/api/v1/clusters', '/api/v1/session', `/k8s/clusters/${member}/api`, '/k8s/host/api'])
      assert.equal((await fetch(`${server.url}${at}`, { headers })).status, 401, at)
    const upgrade = (cluster: string, bearer: string) =>
      inside(
        `curl -s -o /dev/null -w '%{http_code}' --insecure --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' -H 'Authorization: Bearer ${bearer}' -H 'x-flotilla-cluster: ${cluster}' -H 'x-flotilla-class: bulk' -m 5 ${server.url.replace('http:', 'https:')}/agent/v1/tunnel`,
      )
    assert.equal((await upgrade('east', token)).stdout, '401')
    assert.equal((await upgrade('hub', token)).stdout, '401')
    assert.equal((await upgrade(member, `${token.slice(0, -4)}AAAA`)).stdout, '401')
    assert.equal(await stateOf(), 'connected')
  })

  test('a cut line ends an exec with a reason, and what was watched goes on', { timeout: 180_000 }, async () => {
    const exec = dora.start('flotilla-west', 'exec', 'deploy/shell', '--', 'sh', '-c', 'echo begun; sleep 300')
    await until(async () => exec.text().includes('begun'), 30_000, 100)
    const cut = Date.now()
    await west.cut()
    try {
      const { code, at } = await exec.ended
      assert.ok(at - cut < silenceMs, `ended after ${at - cut} ms`)
      assert.notEqual(code, 0, 'a command that was lost looks like one that succeeded')
      assert.match(exec.text(), /lost|was ended|closed/i)
      await until(async () => (await stateOf()) === 'lost', 30_000)
      await until(async () => {
        const { message = '' } = await api.clusters.get({ params: { cluster: member } })
        return /agent has not connected.*reach the server on port \d+/.test(message)
      }, 30_000)
    } finally {
      await west.heal()
    }
    await connected()
    // what changed while nobody could see it is seen, by watches that go on
    await until(async () => (await dora.kubectl('flotilla-west', 'get', 'pods')).code === 0, 30_000)
    await inside(`kubectl -n ${project.project} delete pod -l app=shell --wait=false`)
    await until(async () => {
      const { items } = await api.applications.pods({ params: { project: project.project, application: 'shell' } })
      return items.length > 0 && items.every(({ createdAt }) => Date.parse(createdAt ?? '') > cut)
    }, 60_000)
  })

  test('the server is killed and comes back: so does the agent, by itself', { timeout: 120_000 }, async () => {
    await server.restart()
    api = await server.api()
    admin = await cliOf(server)
    await connected()
    const pods = await dora.kubectl('flotilla-west', 'get', 'pods')
    assert.match(pods.output, /Running/)
  })

  test('gets another token, after whose first use the one before opens nothing', { timeout: 120_000 }, async () => {
    const before = await agentToken()
    const rotated = await admin('cluster', 'token', member, '--rotate')
    assert.equal(rotated.code, 0, rotated.output)
    const next = await agentToken()
    assert.notEqual(next, before)
    assert.equal(await stateOf(), 'connected')
    await inside('kubectl -n flotilla-system rollout restart deploy/flotilla-agent')
    await inside('kubectl -n flotilla-system rollout status deploy/flotilla-agent --timeout=60s')
    await connected()
    const { stdout } = await inside(
      `curl -s -o /dev/null -w '%{http_code}' --insecure --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' -H 'Authorization: Bearer ${before}' -H 'x-flotilla-cluster: ${member}' -H 'x-flotilla-class: bulk' -m 5 ${server.url.replace('http:', 'https:')}/agent/v1/tunnel`,
    )
    assert.equal(stdout, '401')
  })

  test('revoking its token ends what is open within 5 s, and lets nothing in again', { timeout: 120_000 }, async () => {
    const watching = dora.start('flotilla-west', 'get', 'pods', '--watch')
    const exec = dora.start('flotilla-west', 'exec', 'deploy/shell', '--', 'sh', '-c', 'echo begun; sleep 300')
    await until(async () => exec.text().includes('begun') && watching.text().includes('shell'), 30_000, 100)
    const revoked = Date.now()
    assert.equal((await admin('cluster', 'token', member, '--revoke')).code, 0)
    const { code, at } = await exec.ended
    assert.ok(at - revoked < 5_000, `ended after ${at - revoked} ms`)
    assert.notEqual(code, 0)
    watching.child.kill()
    await until(async () => (await stateOf()) === 'lost', 20_000)
    await until(async () => (await agentLog()).includes('"status":401'), 60_000)
    assert.equal(await stateOf(), 'lost')
  })

  test('comes back with another command, and leaves without a trace', { timeout: 180_000 }, async () => {
    const { output } = await admin('cluster', 'token', member, '--print', 'manifest')
    assert.match(output, /kind: Deployment/)
    const applied = await inside(
      `kubectl apply -f - <<'E'\n${output}\nE\nkubectl -n flotilla-system rollout restart deploy/flotilla-agent`,
    )
    assert.equal(applied.code, 0, applied.stderr)
    await connected(90_000)
    await leaveProject()
    await api.clusters.remove({ params: { cluster: member }, query: { objects: 'keep' } })
    let message: string | undefined
    await until(async () => {
      const found = (await api.clusters.list()).items.find(({ name }) => name === member)
      message = found?.message
      return found === undefined
    }, 90_000).catch((thrown: unknown) => assert.fail(`${String(thrown)}: ${message}`))
    await until(async () => {
      const { stdout } = await inside(
        'kubectl -n flotilla-system get deploy,secret,serviceaccount -o name; kubectl get clusterrolebinding -o name',
      )
      return !stdout.includes('flotilla-agent')
    }, 60_000)
  })
})
