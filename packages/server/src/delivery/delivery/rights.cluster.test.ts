import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import { openTarget, type TestTarget } from './testing/open-target.ts'

const rbac = 'rbac.authorization.k8s.io'
const binding = (name: string, kind: string, role: string): string => `
apiVersion: ${rbac}/v1
kind: RoleBinding
metadata: { name: ${name} }
roleRef: { apiGroup: ${rbac}, kind: ${kind}, name: ${role} }
subjects: [{ kind: ServiceAccount, name: default }]
`
const role = (name: string, verbs: string): string => `
apiVersion: ${rbac}/v1
kind: Role
metadata: { name: ${name} }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [${verbs}] }]
`
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: beside\n'
const manifests = (...documents: string[]) => ({
  components: [{ name: 'web', manifests: { inline: documents.join('---\n') } }],
})

describe('what a tenant may give itself', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget()
  })
  after(() => target.close())

  test('a chart brings a Role, over a group that is not served too, and binds it and the role view', async () => {
    const chart = await target.pushChart('reader', '0.1.0', {
      'templates/all.yaml': [
        role('reader', 'get, list, watch').replace('[""]', '["", monitoring.coreos.com]'),
        binding('reader', 'Role', 'reader'),
        binding('viewer', 'ClusterRole', 'view'),
      ].join('---\n'),
    })
    await target.writeApplication('reader', { components: [{ name: 'reader', helm: { chart } }] })
    await target.settled('reader')
    assert.ok(await target.find('RoleBinding', 'reader', rbac))
    assert.ok(await target.find('RoleBinding', 'viewer', rbac))
  })

  test('a binding to cluster-admin is refused before anything is written', async () => {
    await target.writeApplication('root', manifests(configMap, binding('root', 'ClusterRole', 'cluster-admin')))
    const { message = '' } = await target.waitFor('root', 'fails', ({ phase }) => phase === 'Failed')
    assert.match(message, new RegExp(`RoleBinding ${target.project}/root would give more rights than this project has`))
    assert.match(message, /scope: Cluster/)
    assert.equal(await target.find('ConfigMap', 'beside'), undefined)
    assert.equal(await target.find('RoleBinding', 'root', rbac), undefined)
  })

  test('so is a Role over the limits of its namespace', async () => {
    const greedy = role('greedy', 'patch').replace('configmaps', 'resourcequotas, namespaces')
    await target.writeApplication('greedy', manifests(greedy, binding('greedy', 'Role', 'greedy')))
    const { message = '' } = await target.waitFor('greedy', 'fails', ({ phase }) => phase === 'Failed')
    assert.match(message, /Role .*\/greedy would give more rights .*resourcequotas/)
  })

  test('a pod template beyond the level of the project is refused before anything is written', async () => {
    const pod = 'spec: { containers: [{ name: main, image: "busybox:1.35", securityContext: { privileged: true } }] }'
    const daemon = `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: bare }\nspec:\n  selector: { matchLabels: { app: bare } }\n  template:\n    metadata: { labels: { app: bare } }\n    ${pod}\n`
    const lone = `apiVersion: v1\nkind: Pod\nmetadata: { name: lone }\n${pod}\n`
    await target.writeApplication('bare', manifests(configMap, daemon, lone))
    const { message = '' } = await target.waitFor('bare', 'fails', ({ phase }) => phase === 'Failed')
    for (const object of ['DaemonSet', 'Pod']) {
      assert.match(
        message,
        new RegExp(`${object} ${target.project}/\\w+: namespace .* level baseline, .*privileged=true`),
      )
    }
    assert.match(message, /spec\.podSecurity of the project/)
    assert.equal(await target.find('ConfigMap', 'beside'), undefined)
  })

  test('so is a hook', async () => {
    const hook = `apiVersion: batch/v1\nkind: Job\nmetadata: { name: seed, annotations: { helm.sh/hook: pre-install } }\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      hostNetwork: true\n      containers: [{ name: main, image: "busybox:1.35", command: ["true"] }]\n`
    const chart = await target.pushChart('seeds', '0.1.0', { 'templates/seed.yaml': hook })
    await target.writeApplication('seeds', { components: [{ name: 'seeds', helm: { chart } }] })
    const { message = '' } = await target.waitFor('seeds', 'fails', ({ phase }) => phase === 'Failed', { seconds: 60 })
    assert.match(message, /Job .*\/seed: .* level baseline, .*hostNetwork=true/)
    assert.equal(await target.find('Job', 'seed', 'batch'), undefined)
  })

  test('the delivery group itself may not write its namespace', async () => {
    const delivery = await target.getDelivery('reader')
    const client = target.server.fleet.deliveryClient('east', delivery?.spec.project.uid ?? '')
    assert.ok(client.known)
    const key = { group: '', kind: 'Namespace', name: target.project }
    const body = { metadata: { labels: { mine: 'yes' } } }
    const thrown: unknown = await client.value.patch(key, { type: 'merge', body }, { fieldManager: 'x' }).then(
      () => undefined,
      (error: unknown) => error,
    )
    assert.equal(asFlotillaError(thrown).code, 'kube.forbidden')
  })
})
