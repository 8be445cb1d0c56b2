import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ApiClient } from '@flotilla/api'
import { buildImage, type Fleet, openTestFleet } from '@flotilla/local'
import { checkRecording } from './support/check-recording.ts'
import { cliOf, joinClusters } from './support/flotilla-cli.ts'
import { enter, type KubectlPerson, makePerson } from './support/kubectl-person.ts'
import { until } from './support/prepare-project.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'

const kind = (of: string, metadata: string, spec: string): string =>
  `apiVersion: flotilla.dev/v1alpha1\nkind: ${of}\nmetadata: ${metadata}\nspec: ${spec}\n`
const endMs = 5_000

/** Plain kubectl and helm through the server: with the rights of the person, and for as long as they have them. */
describe('Kubernetes through Flotilla', () => {
  const suffix = randomBytes(3).toString('hex')
  const workspace = `dep-${suffix}`
  const project = `app-${suffix}`
  const image = `flotilla-test/shell-${suffix}:1`
  let fleet: Fleet
  let server: RunningFlotilla
  let api: ApiClient
  let joined: readonly string[] = []
  let admin: (...args: string[]) => Promise<{ code: number; output: string }>
  let dora: KubectlPerson
  let vera: KubectlPerson
  let eve: KubectlPerson

  const grant = (user: string, role: string): Promise<unknown> =>
    api.documents.apply({
      body: {
        documents: kind(
          'Membership',
          `{ name: ${user}, namespace: ws-${workspace} }`,
          `{ user: ${user}, role: ${role} }`,
        ),
      },
    })
  const pod = (name: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'main',
            image: `docker.io/${image}`,
            command: ['sh', '-c', 'while true; do echo tick; (echo hi | nc -l -p 8080) & sleep 1; done'],
          },
        ],
      },
    })

  before(
    async () => {
      fleet = await openTestFleet()
      server = await startFlotilla({ fleet })
      api = await server.api()
      admin = await cliOf(server)
      joined = await joinClusters(admin, fleet, ['east', 'west'])
      const busybox = await readFile('/bin/busybox')
      const links = ['sh', 'cat', 'sleep', 'nc', 'echo', 'tar', 'ls'].map((one) => ({
        path: `/bin/${one}`,
        linkTo: '/bin/busybox',
      }))
      await fleet.registry.pushImage(
        image,
        buildImage([{ path: '/bin/busybox', content: busybox, mode: 0o755 }, ...links]),
      )
      const make = (documents: string) =>
        until(async () => (await api.documents.apply({ body: { documents } })).failed === 0)
      await make(kind('Workspace', `{ name: ${workspace} }`, '{}'))
      await make(
        kind(
          'Project',
          `{ name: ${project}, namespace: ws-${workspace} }`,
          '{ targets: [{ clusters: { names: [east] } }] }',
        ),
      )
      const people = { api, server, fleet }
      ;[dora, vera, eve] = await Promise.all([
        makePerson(people, `dora-${suffix}`),
        makePerson(people, `vera-${suffix}`),
        makePerson(people, `eve-${suffix}`),
      ])
      await grant(dora.name, 'developer')
      await grant(vera.name, 'viewer')
      await until(async () =>
        (await api.projects.get({ params: { project } })).targets.every(({ state }) => state === 'Ready'),
      )
      await until(async () => (await dora.flotilla('kubeconfig')).code === 0)
      await until(async () => (await vera.flotilla('kubeconfig')).code === 0)
    },
    { timeout: 300_000 },
  )
  after(
    async () => {
      await api.kinds
        .remove({ params: { kind: 'Project', name: project }, query: { workspace, objects: 'delete' } })
        .catch(() => 'gone')
      await until(async () => (await api.projects.list()).items.every(({ name }) => name !== project)).catch(
        () => 'said by the tests',
      )
      await api.kinds.remove({ params: { kind: 'Workspace', name: workspace }, query: {} }).catch(() => 'gone')
      for (const person of [dora, vera, eve]) {
        await api.kinds.remove({ params: { kind: 'User', name: person.name }, query: {} }).catch(() => 'gone')
        await rm(person.home, { recursive: true, force: true })
      }
      for (const cluster of joined) await admin('cluster', 'remove', cluster, '--objects', 'keep')
      await until(async () => (await api.clusters.list()).items.every(({ name }) => !joined.includes(name))).catch(
        () => 'said by the tests',
      )
      await server.stop()
    },
    { timeout: 200_000 },
  )

  test(
    'a kubeconfig has the clusters that somebody reaches, no token, and what others wrote',
    { timeout: 60_000 },
    async () => {
      const { output } = await dora.flotilla('kubeconfig', '-f', '-')
      assert.deepEqual(
        [...output.matchAll(/^ {2}- name: (\S+)\n {4}context:/gm)].map(([, name]) => name),
        ['flotilla-east', 'flotilla'],
      )
      assert.doesNotMatch(output, /fl[ok]_|token: /)
      assert.equal((await stat(dora.kubeconfig)).mode & 0o077, 0)
      const own = path.join(dora.home, 'own')
      const theirs =
        '# mine\napiVersion: v1\nkind: Config\ncurrent-context: home\ncontexts:\n  - name: home\n    context: { cluster: home, user: me }\nclusters: []\nusers: []\n'
      await writeFile(own, theirs)
      assert.equal((await dora.flotilla('kubeconfig', '-f', own)).code, 0)
      const merged = await readFile(own, 'utf8')
      assert.match(merged, /^# mine/)
      assert.match(merged, /current-context: home/)
      assert.match(merged, /name: flotilla-east/)
      await writeFile(own, theirs.replaceAll('home', 'flotilla-east'))
      const refused = await dora.flotilla('kubeconfig', '-f', own)
      assert.equal(refused.code, 2)
      assert.match(refused.output, /"flotilla-east" that is not Flotilla's.*--prefix/)
      const none = await eve.flotilla('kubeconfig')
      assert.equal(none.code, 2)
      assert.match(none.output, /you reach no cluster yet/)
    },
  )

  test(
    'what a developer does with kubectl works: apply, get, logs, exec, cp, port-forward, top, auth can-i',
    { timeout: 180_000 },
    async () => {
      const file = path.join(dora.home, 'pod.json')
      await writeFile(file, pod('shell'))
      const applied = await dora.kubectl('flotilla-east', 'apply', '-f', file)
      assert.match(applied.output, /pod\/shell created/)
      const waited = await dora.kubectl('flotilla-east', 'wait', '--for=condition=Ready', 'pod/shell', '--timeout=50s')
      assert.equal(waited.code, 0, waited.output)
      assert.match((await dora.kubectl('flotilla-east', 'get', 'pods')).output, /shell +1\/1 +Running/)

      const followed = dora.start('flotilla-east', 'logs', '-f', 'shell')
      await until(async () => followed.text().split('tick').length > 3, 30_000, 100)
      followed.child.kill()

      for (const spdy of ['true', 'false']) {
        process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'] = spdy
        const said = await dora.kubectl('flotilla-east', 'exec', 'shell', '--', 'sh', '-c', 'echo out; exit 7')
        assert.deepEqual([said.code, /^out$/m.test(said.output)], [7, true], said.output)
      }
      delete process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS']

      await mkdir(path.join(dora.home, 'sent'))
      await writeFile(path.join(dora.home, 'sent', 'file'), 'x'.repeat(100_000))
      const sent = await dora.kubectl('flotilla-east', 'cp', path.join(dora.home, 'sent'), 'shell:/tmp-sent')
      assert.equal(sent.code, 0, sent.output)
      const back = await dora.kubectl('flotilla-east', 'cp', 'shell:/tmp-sent/file', path.join(dora.home, 'back'))
      assert.equal(back.code, 0, back.output)
      assert.equal((await stat(path.join(dora.home, 'back'))).size, 100_000)

      const forward = dora.start('flotilla-east', 'port-forward', 'shell', ':8080')
      await until(async () => /127\.0\.0\.1:(\d+)/.test(forward.text()), 30_000, 100)
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(forward.text())?.[1])
      await until(async () => (await readPort(port)) === 'hi\n', 20_000, 300)
      forward.child.kill()

      assert.match((await dora.kubectl('flotilla-east', 'auth', 'can-i', 'create', 'deployments')).output, /^yes/)
      assert.match((await dora.kubectl('flotilla-east', 'auth', 'can-i', 'create', 'rolebindings')).output, /^no/m)
      await until(
        async () => /shell +\d+m/.test((await dora.kubectl('flotilla-east', 'top', 'pods')).output),
        60_000,
        2_000,
      )
    },
  )

  test('helm works, and so do the kinds of the host', { timeout: 120_000 }, async () => {
    const chart = path.join(dora.home, 'chart')
    await mkdir(path.join(chart, 'templates'), { recursive: true })
    await writeFile(path.join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: one\nversion: 1.0.0\n')
    await writeFile(
      path.join(chart, 'templates', 'map.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\n',
    )
    const installed = await dora.helm('flotilla-east', 'install', 'one', chart)
    assert.equal(installed.code, 0, installed.output)
    assert.match(
      (await vera.kubectl('flotilla-east', 'get', 'configmap', 'one', '-o', 'name')).output,
      /configmap\/one/,
    )
    assert.match((await dora.helm('flotilla-east', 'list')).output, /one\s+\S+\s+1\s.*deployed/)
    assert.equal((await dora.helm('flotilla-east', 'uninstall', 'one')).code, 0)
    const listed = await dora.kubectl('flotilla', 'get', 'applications', '-n', `pj-${project}`)
    assert.match(listed.output, /No resources found/)
    assert.match((await dora.kubectl('flotilla', 'get', 'secrets', '-n', 'flotilla-system')).output, /Forbidden/)
  })

  test('who may only look may not touch, in Kubernetes’ own words', { timeout: 60_000 }, async () => {
    assert.match((await vera.kubectl('flotilla-east', 'get', 'pods')).output, /shell/)
    const deleted = await vera.kubectl('flotilla-east', 'delete', 'pod', 'shell')
    assert.match(deleted.output, /Forbidden.*cannot delete resource "pods".*in the namespace/)
    assert.match((await vera.kubectl('flotilla-east', 'exec', 'shell', '--', 'ls')).output, /is forbidden/)
    assert.match((await vera.kubectl('flotilla-east', 'get', 'secrets')).output, /Forbidden/)
    assert.match((await dora.kubectl('flotilla-east', 'get', 'pods', '-A')).output, /Forbidden/)
    assert.match((await dora.kubectl('flotilla-east', 'get', 'nodes')).output, /Forbidden/)
  })

  test('all of it is in the audit, with who was refused, and no value of a Secret', { timeout: 60_000 }, async () => {
    const secret = `hunter2-${suffix}`
    const created = await dora.kubectl(
      'flotilla-east',
      'create',
      'secret',
      'generic',
      's',
      `--from-literal=k=${secret}`,
    )
    assert.equal(created.code, 0, created.output)
    assert.equal((await dora.kubectl('flotilla-east', 'get', 'secret', 's', '-o', 'name')).code, 0)
    const of = async (person: string, verb: string, kindOf: string) =>
      (await api.audit.list({ query: { person, verb: [verb], kind: [kindOf], source: ['kubernetes'] } })).items
    const [pods] = await of(dora.name, 'create', 'pods')
    assert.deepEqual(
      [pods?.result, pods?.target.name, pods?.target.cluster, pods?.target.project, pods?.target.workspace],
      ['allowed', 'shell', 'east', project, workspace],
    )
    assert.ok(pods?.changes?.some(({ path: at }) => at === 'spec.containers[main].image'))
    const execs = await of(dora.name, 'exec', 'pods/exec')
    assert.ok(
      execs.some(
        ({ details, durationMs = -1 }) => details?.['command'] === 'sh -c echo out; exit 7' && durationMs >= 0,
      ),
    )
    assert.ok((await of(dora.name, 'portforward', 'pods/portforward')).every(({ result }) => result !== 'begun'))
    for (const [verb, kindOf] of [
      ['delete', 'pods'],
      ['exec', 'pods/exec'],
      ['list', 'secrets'],
    ] as const)
      assert.equal((await of(vera.name, verb, kindOf))[0]?.result, 'denied', verb)
    assert.equal((await of(dora.name, 'get', 'secrets'))[0]?.target.name, 's')
    const told = await admin('audit', '--since', '1h', '--person', dora.name, '-o', 'json')
    assert.equal(told.code, 0, told.output)
    assert.ok(told.output.includes('data.k') && !told.output.includes(secret))
    assert.ok(!told.output.includes(Buffer.from(secret).toString('base64')))
    // who administers nothing reads nothing of it
    assert.match((await dora.flotilla('audit')).output, /the audit of no place/)
  })

  test('shells are recorded where the project asks for it', { timeout: 120_000 }, async () => {
    const record = async (what: string): Promise<void> => {
      const spec = `{ targets: [{ clusters: { names: [east] } }], shells: { record: ${what} } }`
      const documents = kind('Project', `{ name: ${project}, namespace: ws-${workspace} }`, spec)
      // its controller writes there, too
      await until(async () => (await api.documents.apply({ body: { documents } })).failed === 0)
    }
    await checkRecording({ api, admin, person: dora, pod: 'shell', record })
    await record('Never')
  })

  test('nobody acts as somebody else, and being asked to is said', { timeout: 60_000 }, async () => {
    for (const as of [
      ['--as', 'admin'],
      ['--as', 'x', '--as-group', 'system:masters'],
      ['--as-uid', '1', '--as', 'y'],
    ]) {
      const { code, output } = await dora.kubectl('flotilla-east', 'get', 'pods', ...as)
      assert.equal(code, 1)
      assert.match(output, /everybody acts as themselves/)
    }
  })

  test('a cluster that somebody does not reach looks like one that is not there', { timeout: 60_000 }, async () => {
    const { token } = JSON.parse((await dora.flotilla('token')).output).status as { token: string }
    const strangers = JSON.parse((await eve.flotilla('token')).output).status as { token: string }
    const ask = async (where: string, bearer: string) => {
      const answer = await fetch(`${server.url}/k8s/${where}/api/v1/namespaces`, {
        headers: { authorization: `Bearer ${bearer}` },
      })
      return { status: answer.status, text: (await answer.text()).replaceAll(/west|nowhere|east/g, 'X') }
    }
    const [hidden, absent] = [await ask('clusters/west', token), await ask('clusters/nowhere', token)]
    assert.equal(hidden.status, 404)
    assert.deepEqual(hidden, absent)
    assert.match(hidden.text, /"kind":"Status".*"reason":"NotFound"/)
    assert.deepEqual(await ask('clusters/east', strangers.token), absent)
    assert.equal((await ask('host', strangers.token)).status, 404)
    assert.equal((await ask('clusters/east/../west', token)).status, 404)
    for (const odd of ['clusters/east/api/../../west', 'clusters/east%2f..%2fwest', 'clusters/EAST', 'clusters/'])
      assert.ok((await ask(odd, token)).status >= 400, odd)
  })

  test(
    'only a token for this opens anything: no session, no cookie, no word in the address',
    { timeout: 60_000 },
    async () => {
      const session = await server.token()
      const { token } = JSON.parse((await dora.flotilla('token')).output).status as { token: string }
      const url = `${server.url}/k8s/clusters/east/api/v1/namespaces/${project}/pods`
      const status = async (headers: Record<string, string>, at = url) => (await fetch(at, { headers })).status
      assert.equal(await status({ authorization: `Bearer ${token}` }), 200)
      assert.equal(await status({}), 401)
      assert.equal(await status({ authorization: `Bearer ${session}` }), 401)
      assert.equal(await status({ cookie: `flotilla-session=${session}` }), 401)
      assert.equal(await status({}, `${url}?access_token=${token}`), 401)
      const last = token.at(-1) === 'A' ? 'B' : 'A'
      assert.equal(await status({ authorization: `Bearer ${token.slice(0, -2)}${last}${token.at(-1)}` }), 401)
      // and it opens nothing else
      assert.equal(
        (await fetch(`${server.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } })).status,
        401,
      )
    },
  )

  test(
    'a service account with a role that was made for it works with kubectl by its token, until that is revoked',
    { timeout: 90_000 },
    async () => {
      const bot = `bot-${suffix}`
      const ok = async (...args: string[]): Promise<string> => {
        const { code, output } = await admin(...args)
        assert.equal(code, 0, output)
        return output
      }
      await ok('role', 'set', 'watcher', '-n', project, '--grant', 'pods.see', '--grant', 'pods.logs')
      await ok('service-account', 'add', bot, '-n', project)
      await until(async () => (await admin('member', 'add', bot, 'watcher', '-n', project)).code === 0)
      const made = await ok('api-token', 'create', 'ci', '--for', bot, '--write')
      const token = made.split('\n').find((line) => /^fl\S+$/.test(line)) ?? ''
      const program = await enter({ server, fleet }, bot, '--token-stdin', token)
      try {
        await until(async () => (await program.flotilla('kubeconfig')).code === 0)
        await until(async () => /shell/.test((await program.kubectl('flotilla-east', 'get', 'pods')).output))
        assert.match((await program.kubectl('flotilla-east', 'logs', '--tail=50', 'shell')).output, /tick/)
        for (const work of [
          ['delete', 'pod', 'shell'],
          ['get', 'secrets'],
          ['exec', 'shell', '--', 'ls'],
        ])
          assert.match((await program.kubectl('flotilla-east', ...work)).output, /[Ff]orbidden|cannot/)
        assert.match(await ok('role', 'show', 'watcher', '-n', project), new RegExp(`Pods: logs[^]*Given to: ${bot}`))
        const kept = await admin('role', 'remove', 'watcher', '-n', project)
        assert.match(kept.output, new RegExp(`given to ${bot}`))
        const id = /api-token revoke ([0-9a-f]{16})/.exec(made)?.[1] ?? ''
        await ok('api-token', 'revoke', id, '--for', bot)
        await until(async () => (await program.kubectl('flotilla-east', 'get', 'pods')).code !== 0)
        await ok('member', 'remove', bot, '-n', project)
        await until(async () => (await admin('role', 'remove', 'watcher', '-n', project)).code === 0)
      } finally {
        await admin('service-account', 'remove', bot)
        await rm(program.home, { recursive: true, force: true })
      }
    },
  )

  test('when a role is taken away, what is open with it ends within seconds', { timeout: 90_000 }, async () => {
    const watching = vera.start('flotilla-east', 'get', 'pods', '--watch')
    await until(async () => watching.text().includes('shell'), 30_000, 100)
    const following = vera.start('flotilla-east', 'logs', '-f', 'shell')
    await until(async () => following.text().includes('tick'), 30_000, 100)
    const taken = Date.now()
    await api.kinds.remove({ params: { kind: 'Membership', name: vera.name }, query: { workspace } })
    for (const { ended } of [watching, following]) assert.ok((await ended).at - taken < endMs)
    const again = await vera.kubectl('flotilla-east', 'get', 'pods')
    assert.match(again.output, /no role that reaches it/)
    const { output } = await vera.flotilla('kubeconfig')
    assert.match(output, /you reach no cluster yet/)
  })

  test(
    'disabling somebody ends their exec, their watch and their port-forward within 5 s',
    { timeout: 120_000 },
    async () => {
      const exec = dora.start('flotilla-east', 'exec', '-i', 'shell', '--', 'sh', '-c', 'echo begun; sleep 300')
      const watching = dora.start('flotilla-east', 'get', 'pods', '--watch')
      const forward = dora.start('flotilla-east', 'port-forward', 'shell', ':8080')
      await until(
        async () =>
          exec.text().includes('begun') && watching.text().includes('shell') && forward.text().includes('Forwarding'),
        40_000,
        100,
      )
      const disabled = Date.now()
      await api.documents.apply({ body: { documents: kind('User', `{ name: ${dora.name} }`, '{ disabled: true }') } })
      const ended = await exec.ended
      assert.ok(ended.at - disabled < endMs, `exec went on for ${ended.at - disabled} ms`)
      assert.notEqual(ended.code, 0)
      assert.match(exec.text(), /ended by Flotilla/)
      assert.ok((await watching.ended).at - disabled < endMs)
      // kubectl notices a lost port-forward by itself
      assert.ok((await forward.ended).at - disabled < endMs, forward.text())
      const again = await dora.kubectl('flotilla-east', 'get', 'pods')
      assert.notEqual(again.code, 0)
      assert.match(again.output, /logged in|Unauthorized|signed in/)
    },
  )
})

function readPort(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1')
    let text = ''
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
    socket.on('error', () => resolve(''))
    socket.on('close', () => resolve(text))
    socket.setTimeout(2_000, () => socket.destroy())
  })
}
