import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, asFlotillaError, type KubeObject } from '@flotilla/model'
import { application, type Hub, makeTenant, openHub } from '../../testing/open-hub.ts'

/** Rules of the kinds as a real API server holds them, whoever writes. Asked with dry-run: nothing is kept. */
describe('the kinds, on a real API server', () => {
  let hub: Hub
  let tenant: { workspace: string; project: string }
  before(async () => {
    hub = await openHub()
    tenant = await makeTenant(hub, `kinds-${hub.suffix}`)
  })
  after(async () => hub[Symbol.asyncDispose]())

  const accepts = (object: KubeObject): Promise<KubeObject> =>
    hub.client.create(object, { dryRun: true, fieldValidation: 'Strict' })
  async function refuses(object: KubeObject, words: RegExp): Promise<void> {
    await assert.rejects(accepts(object), (thrown: unknown) => {
      const { code, message } = asFlotillaError(thrown)
      assert.equal(code, 'kube.invalid', message)
      assert.match(message, words)
      return true
    })
  }
  const app = (spec: Record<string, unknown>, name = 'web'): KubeObject => application(tenant.project, name, spec)
  const component = (fields: Record<string, unknown>) => app({ components: [{ name: 'web', ...fields }] })
  const cluster = (server: string, name = `c-${hub.suffix}`): KubeObject => ({
    apiVersion,
    kind: 'Cluster',
    metadata: { name },
    spec: { connection: { type: 'direct', server, secretName: 'cluster-c' } },
  })
  const project = (name: string, spec: Record<string, unknown> = { targets: [] }): KubeObject => ({
    apiVersion,
    kind: 'Project',
    metadata: { name, namespace: tenant.workspace },
    spec,
  })

  test('keep values and patches as they are, unknown fields and all', async () => {
    const values = { deep: { list: [1, 'two', { three: null }], yes: true } }
    const patch = { target: { kind: 'Deployment' }, operations: [{ op: 'add', path: '/spec/x', value: { a: [1] } }] }
    const written = await accepts(
      app({
        components: [{ name: 'web', manifests: { inline: 'a: 1' }, values }],
        overrides: [{ name: 'east', values, patches: [patch] }],
      }),
    )
    const { components, overrides } = written['spec'] as {
      components: { values: unknown }[]
      overrides: { values: unknown; patches: { operations: { value: unknown }[] }[] }[]
    }
    assert.deepEqual(overrides[0]?.patches[0]?.operations[0]?.value, { a: [1] })
    assert.deepEqual(overrides[0]?.values, values)
    assert.deepEqual(components[0]?.values, values)
  })

  test('fill in what a person leaves out', async () => {
    const { spec } = (await accepts(app({}))) as unknown as { spec: Record<string, unknown> }
    assert.equal(spec['driftPolicy'], 'Repair')
    assert.equal(spec['deletionPolicy'], 'Delete')
    assert.equal(spec['paused'], false)
    assert.equal(spec['mode'], 'direct')
  })

  test('want exactly one source per component', async () => {
    await refuses(component({}), /exactly one of helm, kustomize, manifests/)
    await refuses(
      component({ manifests: { inline: 'a' }, kustomize: { git: { url: 'https://x/y' } } }),
      /exactly one of/,
    )
    await refuses(component({ helm: { chart: {} } }), /exactly one of/)
    await accepts(component({ helm: { chart: { oci: { url: 'oci://x/y', version: '1' } } } }))
  })

  test('refuse Git addresses, branches and paths that would be options or leave the folder', async () => {
    const git = (fields: Record<string, unknown>) =>
      component({ kustomize: { git: { url: 'https://x/y', ...fields } } })
    await refuses(git({ ref: '--upload-pack=touch /tmp/x' }), /ref/)
    await refuses(git({ url: '-oProxyCommand=x' }), /url/)
    for (const url of ['ssh://git@x/y', 'git@x:y.git', 'git://x/y'])
      await refuses(git({ url }), /kustomize\.git\.url.*read over https.*credentialName/)
    await refuses(git({ url: 'https://x/y\nother' }), /url/)
    await refuses(git({ path: '/etc' }), /path/)
    await refuses(git({ path: '../other' }), /path/)
    await refuses(git({ path: 'a/../../other' }), /path/)
    await accepts(git({ path: 'a/b..c', ref: 'feature/x' }))
  })

  test('refuse names that would not fit where they end up', async () => {
    await refuses(app({}, 'a'.repeat(41)), /40 characters/)
    await refuses(app({}, 'a.b'), /DNS label/)
    await refuses(project('a.b'), /DNS label/)
    await refuses(project('kube-public'), /Kubernetes or of Flotilla/)
    await refuses(project('flotilla-x'), /Kubernetes or of Flotilla/)
    await refuses(project('default'), /Kubernetes or of Flotilla/)
    await refuses(project('ws-x'), /Kubernetes or of Flotilla/)
    await refuses(project('pj-x'), /Kubernetes or of Flotilla/)
    await refuses(project('ok', { targets: [{ clusters: {}, namespace: 'kube-system' }] }), /Kubernetes or of Flotilla/)
    await refuses(project('ok', { targets: [{ clusters: {}, namespace: 'pj-shop' }] }), /Kubernetes or of Flotilla/)
    await refuses(project('ok', { targets: [{ clusters: {}, namespace: 'Not_A_Label' }] }), /namespace/)
    await refuses(cluster('https://x:6443', 'a.b'), /DNS label/)
  })

  test('refuse a network that says who is let in and lets in everybody, or no network at all', async () => {
    const network = (of: Record<string, unknown>) => project('shop', { targets: [], network: of })
    const { spec } = (await accepts(network({ isolation: 'Isolated' }))) as unknown as {
      spec: { network: Record<string, unknown> }
    }
    assert.equal(spec.network['egress'], 'Open')
    const peers = { workspace: true, namespaces: ['ingress-nginx'], namespaceLabels: { team: 'sre' } }
    const addresses = ['10.0.0.0/8', '2001:db8::/32']
    await accepts(
      network({ isolation: 'Isolated', allowFrom: { ...peers, addresses }, egress: 'Isolated', allowTo: peers }),
    )
    await refuses(network({ allowFrom: peers }), /egress and allowFrom need isolation: Isolated/)
    await refuses(network({ egress: 'Isolated' }), /egress and allowFrom need isolation: Isolated/)
    await refuses(network({ isolation: 'Isolated', allowTo: peers }), /allowTo needs egress: Isolated/)
    for (const address of ['10.0.0.1', '10.0.0.0/33', '300.0.0.0/8', 'example.org/8'])
      await refuses(network({ isolation: 'Isolated', allowFrom: { addresses: [address] } }), /addresses/)
    await refuses(network({ isolation: 'Isolated', allowFrom: { namespaces: ['Not_One'] } }), /namespaces/)
  })

  test('refuse clusters without TLS', async () => {
    await refuses(cluster('http://10.0.0.1:6443'), /https/)
    await accepts(cluster('https://10.0.0.1:6443'))
  })

  test('refuse what they do not know, and values outside their bounds', async () => {
    await refuses(app({ maxConcurency: 3 }), /unknown field/)
    await refuses(app({ maxConcurrency: 0 }), /maxConcurrency/)
    await refuses(app({ maxConcurrency: 1.5 }), /maxConcurrency/)
    await refuses(app({ driftPolicy: 'Ignore' }), /driftPolicy/)
    await refuses(app({ components: [] }), /components/)
    await refuses(
      app({ components: [1, 2].map(() => ({ name: 'twin', manifests: { inline: 'a' } })) }),
      /Duplicate value/,
    )
  })

  test('an identity provider has the settings of its type, and no others, and asks for no password in the clear', async () => {
    const provider = (spec: object, name = `idp-${hub.suffix}`): KubeObject => ({
      apiVersion,
      kind: 'IdentityProvider',
      metadata: { name },
      spec,
    })
    const oidc = { issuer: 'https://login.example.com', clientId: 'flotilla' }
    const ldap = { url: 'ldap://ldap.example.com', bindDn: 'cn=reader', userBase: 'dc=example' }
    const { spec } = await accepts(provider({ type: 'oidc', oidc }))
    assert.equal((spec as { sessionHours: number }).sessionHours, 12)
    await accepts(provider({ type: 'ldap', ldap }))
    await refuses(provider({ type: 'oidc' }), /spec\.oidc is for type oidc, and is needed there/)
    await refuses(provider({ type: 'oidc', oidc, ldap }), /spec\.ldap is for type ldap/)
    await refuses(provider({ type: 'saml', oidc }), /type/)
    await refuses(provider({ type: 'oidc', oidc: { ...oidc, issuer: 'file:///etc/passwd' } }), /issuer/)
    await refuses(provider({ type: 'oidc', oidc: { ...oidc, issuer: 'https://u:p@x.example' } }), /issuer/)
    await refuses(provider({ type: 'oidc', oidc: { ...oidc, clientSecret: 'x' } }), /unknown field/)
    await refuses(provider({ type: 'ldap', ldap: { ...ldap, startTls: false } }), /encrypted/)
    await refuses(provider({ type: 'ldap', ldap: { ...ldap, userFilter: '(uid=*)' } }), /\{name\}/)
    await refuses(provider({ type: 'oidc', oidc, sessionHours: 1000 }), /sessionHours/)
    await refuses(provider({ type: 'oidc', oidc }, 'a.b'), /DNS label/)
  })

  test('who a person is at a provider never changes, and a membership is for a person or a group', async () => {
    const identity = { provider: 'corp', providerUid: 'u', subject: 's-1' }
    const name = `person-${hub.suffix}`
    const of = (spec: object): KubeObject => ({ apiVersion, kind: 'User', metadata: { name }, spec })
    const made = await hub.make(of({ identity }))
    const own = await hub.make({ ...of({}), metadata: { name: `own-${hub.suffix}` } })
    const become = (user: KubeObject, spec: object) => hub.client.update({ ...user, spec }, { dryRun: true })
    const refusesUpdate = (work: Promise<unknown>) =>
      assert.rejects(work, (thrown: unknown) => /identity cannot change/.test(asFlotillaError(thrown).message))
    await become(made, { identity, displayName: 'Dora', disabled: true })
    await refusesUpdate(become(made, { identity: { ...identity, subject: 's-2' } }))
    await refusesUpdate(become(made, {}))
    await refusesUpdate(become(own, { identity }))
    const service = { namespace: tenant.workspace, uid: 'u' }
    await assert.rejects(become(own, { service }), (thrown: unknown) =>
      /service cannot change/.test(asFlotillaError(thrown).message),
    )
    await refuses(of({ identity, service }), /spec\.service of a service account/)
    await refuses(of({ service: { namespace: 'kube-system' } }), /namespace/)
    const membership = (spec: object): KubeObject => ({
      apiVersion,
      kind: 'Membership',
      metadata: { name: `m-${hub.suffix}`, namespace: tenant.workspace },
      spec: { role: 'viewer', ...spec },
    })
    await accepts(membership({ user: 'dora' }))
    await accepts(membership({ group: { provider: 'corp', name: 'cn=Retail, ou=Groups' } }))
    await refuses(membership({}), /either user or group/)
    await refuses(membership({ user: 'dora', group: { provider: 'corp', name: 'g' } }), /either user or group/)
    const held = await hub.make(membership({ group: { provider: 'corp', name: 'g' } }))
    for (const spec of [{ user: 'dora' }, { group: { provider: 'corp', name: 'h' } }])
      await assert.rejects(
        hub.client.update({ ...held, spec: { role: 'viewer', ...spec } }, { dryRun: true }),
        (thrown: unknown) => /cannot change/.test(asFlotillaError(thrown).message),
      )
  })

  test('a credential is copied only when it is for a registry', async () => {
    const credential = (type: string): KubeObject => ({
      apiVersion,
      kind: 'Credential',
      metadata: { name: 'pull', namespace: tenant.project },
      spec: { type, host: 'registry.example', secretName: 's', copyToTargets: true },
    })
    await refuses(credential('Git'), /type Registry/)
    await accepts(credential('Registry'))
  })
})
