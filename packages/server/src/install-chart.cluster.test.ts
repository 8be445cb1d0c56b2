import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ensurePart } from '@flotilla/local'
import { parse, parseAllDocuments } from 'yaml'
import { parseServeOptions } from './serve-options.ts'
import { version } from './version.ts'

const chart = path.resolve(import.meta.dirname, '../../../charts/flotilla')
const run = promisify(execFile)

interface Container {
  readonly args: string[]
  readonly image: string
  readonly env?: readonly { readonly name: string }[]
}

interface Rendered {
  readonly kind: string
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly Container[] }
    }
    readonly strategy?: { readonly type: string }
    readonly ports: readonly { readonly name: string }[]
    readonly dnsNames: readonly string[]
  }
}

describe('the chart of Flotilla itself', () => {
  let helm = ''
  before(
    async () => {
      helm = await ensurePart('helm')
    },
    { timeout: 300_000 },
  )

  async function template(settings: readonly string[], namespace = 'flotilla-system'): Promise<Map<string, Rendered>> {
    const sets = settings.flatMap((one) => ['--set', one])
    const { stdout } = await run(helm, ['template', 'flotilla', chart, '-n', namespace, ...sets])
    const objects = parseAllDocuments(stdout).flatMap((document) => {
      const object = document.toJS() as Rendered | null
      return object === null ? [] : [object]
    })
    return new Map(objects.map((object) => [object.kind, object]))
  }
  const serverOf = (rendered: Map<string, Rendered>) => {
    const [container] = rendered.get('Deployment')?.spec.template.spec.containers ?? []
    assert.ok(container !== undefined)
    return { ...container, options: parseServeOptions(container.args.slice(1), {}) }
  }

  const cases: readonly {
    readonly name: string
    readonly set: readonly string[]
    readonly has?: readonly string[]
    readonly lacks?: readonly string[]
    readonly publicUrl?: string
    readonly publicCa?: unknown
    readonly tls?: boolean
  }[] = [
    {
      name: 'as it is',
      set: [],
      has: ['PersistentVolumeClaim', 'ClusterRoleBinding'],
      lacks: ['Ingress', 'HTTPRoute'],
    },
    {
      name: 'behind an ingress, whose certificate counts',
      set: ['ingress.host=flotilla.example', 'trustedProxies={10.0.0.0/8,10.1.0.0/16}'],
      has: ['Ingress'],
      publicUrl: 'https://flotilla.example/',
      publicCa: 'system',
    },
    {
      name: 'behind a gateway with an authority of the company’s own',
      set: ['gateway.host=f.example', 'gateway.parentRefs[0].name=web', 'publicCa=secret', 'publicCaSecret=company'],
      has: ['HTTPRoute'],
      publicUrl: 'https://f.example/',
      publicCa: { file: '/run/flotilla/public-ca/ca.crt' },
    },
    {
      name: 'with a certificate that is given',
      set: ['tls.secretName=mine', 'publicUrl=https://f.example:8443', 'persistence.kind=none'],
      lacks: ['PersistentVolumeClaim'],
      publicUrl: 'https://f.example:8443/',
      tls: true,
    },
    {
      name: 'with a certificate of cert-manager’s',
      set: ['tls.certManager.issuer=company', 'publicUrl=https://f.example:8443'],
      has: ['Certificate'],
      publicUrl: 'https://f.example:8443/',
      tls: true,
    },
  ]
  test(
    'shares a PostgreSQL between its replicas, each of which says where it is reached',
    { timeout: 60_000 },
    async () => {
      const rendered = await template(['replicas=2', 'database.urlSecret=postgres'])
      assert.ok(rendered.has('PodDisruptionBudget') && !rendered.has('PersistentVolumeClaim'))
      assert.deepEqual(rendered.get('Deployment')?.spec.strategy?.type, 'RollingUpdate')
      const [server] = rendered.get('Deployment')?.spec.template.spec.containers ?? []
      assert.ok(server?.args.includes('--database-url-file=/run/flotilla/database/url'))
      assert.ok(server?.env?.some(({ name }) => name === 'FLOTILLA_REPLICA_ADDRESS'))
    },
  )

  test(
    'is the same after an upgrade from a chart that did not know its newer values yet',
    { timeout: 60_000 },
    async () => {
      const unknown = ['replicas', 'database', 'recordShells', 'networkProbeImage']
      const older = await template(unknown.map((key) => `${key}=null`))
      assert.deepEqual([...older], [...(await template([]))])
      assert.deepEqual([...(await template(['database.urlSecret=null']))], [...older])
      assert.equal(serverOf(older).options.recordShells, 'Never')
    },
  )

  test('measures networks with the image that is named', { timeout: 60_000 }, async () => {
    const image = 'registry.example/node:24'
    const { options } = serverOf(await template([`networkProbeImage=${image}`]))
    assert.equal(options.networkProbeImage, image)
  })

  for (const { name, set, has = [], lacks = [], publicUrl, publicCa, tls = false } of cases)
    test(`brings what is asked for, ${name}`, { timeout: 60_000 }, async () => {
      const rendered = await template(set)
      for (const kind of has) assert.ok(rendered.has(kind), kind)
      for (const kind of lacks) assert.ok(!rendered.has(kind), kind)
      const { options } = serverOf(rendered)
      assert.equal(options.publicUrl?.href, publicUrl)
      assert.deepEqual(options.publicCa, publicCa)
      assert.equal(options.tls !== undefined, tls)
      const ports = rendered.get('Service')?.spec.ports.map((port) => port.name)
      assert.deepEqual(ports, tls ? ['https'] : ['https', 'http'])
      const hosts = rendered.get('Certificate')?.spec.dnsNames[0]
      if (hosts !== undefined) assert.equal(hosts, 'f.example')
    })

  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['another namespace', [], /flotilla-system/],
    ['two ends of TLS', ['ingress.host=a.example', 'tls.secretName=mine'], /ends TLS before the server/],
    ['a certificate for no host', ['tls.certManager.issuer=company'], /publicUrl is missing/],
    ['a route that no gateway takes', ['gateway.host=a.example'], /parentRefs is missing/],
    ['plain HTTP for others', ['publicUrl=http://a.example'], /publicUrl/],
    ['a value that is misspelt', ['ingres.host=a.example'], /ingres/],
    ['two replicas without a database', ['replicas=2'], /database.urlSecret is missing/],
    ['a folder that is not named', ['persistence.kind=hostPath'], /persistence.hostPath is missing/],
  ]
  for (const [name, set, said] of refused)
    test(`refuses ${name}`, { timeout: 60_000 }, async () => {
      await assert.rejects(template(set, name === 'another namespace' ? 'default' : undefined), said)
    })

  test('is of this version, images and all', { timeout: 60_000 }, async () => {
    const read = async (file: string) => parse(await readFile(path.join(chart, file), 'utf8')) as Record<string, string>
    const { version: ofChart, appVersion } = await read('Chart.yaml')
    assert.deepEqual([ofChart, appVersion], [version, version])
    const { image, options } = serverOf(await template([]))
    assert.deepEqual([image, options.agentImage], [`flotilla/server:${version}`, `flotilla/agent:${version}`])
  })
})
