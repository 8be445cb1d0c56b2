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

  test('a chart brings a Role, and binds it and the role view', async () => {
    const chart = await target.pushChart('reader', '0.1.0', {
      'templates/all.yaml': [
        role('reader', 'get, list, watch'),
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
