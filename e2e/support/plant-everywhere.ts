import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ApiClient, createApiClient } from '@flotilla/api'
import type { KubeClient } from '@flotilla/kube'
import type { Fleet } from '@flotilla/local'
import {
  apiVersion,
  type KubeObject,
  projectNamespace,
  refOf,
  systemNamespace,
  workspaceNamespace,
} from '@flotilla/model'
import type { PlantedSecrets } from './planted-secrets.ts'
import { until } from './prepare-project.ts'

/** Quotes the secret wherever a chart can: in what is delivered, in errors of the template, the schema and the cluster. */
const chart = {
  'Chart.yaml': 'apiVersion: v2\nname: planted\nversion: 1.0.0\n',
  'values.yaml': 'mode: fine\npassword: none\n',
  'values.schema.json': '{"type":"object","properties":{"strict":{"type":"integer"}}}',
  'templates/NOTES.txt': 'The password is {{ .Values.password }}.\n',
  'templates/all.yaml': `apiVersion: v1
kind: Secret
metadata: { name: "{{ .Release.Name }}" }
stringData: { password: {{ .Values.password | quote }} }
data: { again: {{ printf "user:%s" .Values.password | b64enc }} }
---
apiVersion: v1
kind: Secret
metadata: { name: "{{ .Release.Name }}-hook", annotations: { helm.sh/hook: pre-install } }
stringData: { password: {{ .Values.password | quote }} }
{{- if eq .Values.mode "fail" }}
{{ fail (printf "%s is not good, nor is %s" .Values.password (b64enc .Values.password)) }}
{{- else if eq .Values.mode "refused" }}
---
apiVersion: v1
kind: Service
metadata: { name: "{{ .Release.Name }}" }
spec: { type: {{ .Values.password | quote }}, ports: [{ port: 80 }] }
{{- end }}
`,
} as const

/** One per way in which an application can go wrong over a secret. */
export const applications = ['fine', 'fail', 'refused', 'schema', 'badyaml', 'git'] as const

export interface PlantOptions {
  readonly secrets: PlantedSecrets
  readonly api: ApiClient
  readonly url: string
  readonly hub: KubeClient
  readonly member: KubeClient
  readonly fleet: Fleet
  /** Of the workspace and of the project. */
  readonly name: string
}

export interface Person {
  readonly name: string
  readonly password: string
  readonly token: string
}

/** Secrets in every place that the product reads them from, and two people who look for them. */
export async function plantEverywhere(options: PlantOptions) {
  const { secrets, api, url, hub, member, fleet, name } = options
  const namespace = projectNamespace(name)
  const made: KubeObject[] = []
  const make = async (kind: string, at: string, spec: object, of?: string): Promise<KubeObject> => {
    const metadata = { name: at, ...(of === undefined ? {} : { namespace: of }) }
    const object = await hub.create({ apiVersion: kind === 'Secret' ? 'v1' : apiVersion, kind, metadata, ...spec })
    made.push(object)
    return object
  }
  const secret = (at: string, stringData: Record<string, string>) => make('Secret', at, { stringData }, namespace)

  const person = async (at: string, role: string, of: string): Promise<Person> => {
    await make('User', at, { spec: {} })
    await make('Membership', at, { spec: { user: at, role } }, of)
    const password = secrets.plant('password')
    await until(async () => {
      await api.users.setPassword({ params: { user: at }, body: { password, mustChange: false } })
      return true
    })
    const enter = () =>
      createApiClient({ baseUrl: url }).session.signIn({ body: { username: at, password, kind: 'cli' } })
    const { token = '' } = await enter()
    return { name: at, password, token: secrets.add('token of a session', token) }
  }
  const admin = await person(`root-${name}`, 'admin', systemNamespace)
  const viewer = await person(`view-${name}`, 'viewer', workspaceNamespace(name))

  const inMember = await hub.get({ group: '', kind: 'Secret', namespace: systemNamespace, name: 'cluster-west' })
  const { token = '' } = inMember['data'] as { token?: string }
  secrets.add('credential of a cluster', Buffer.from(token, 'base64').toString())

  const planted = await pushPlanted(fleet)
  await secret('values', { 'values.yaml': `password: "${secrets.plant('valuesFrom')}"` })
  await secret('other', { 'values.yaml': `password: "${secrets.plant('another valuesFrom')}"` })
  await secret('strict', { 'values.yaml': `strict: "${secrets.plant('value that a schema refuses')}"` })
  await secret('badyaml', { 'values.yaml': `a: b\n  password: [${secrets.plant('values that are no YAML')}` })
  await secret('git', { username: 'u', password: secrets.plant('credential of git') })
  await secret('token', { token: secrets.plant('token of git') })
  await secret('pull', { username: 'u', password: secrets.plant('pull secret') })
  const { address } = fleet.registry
  await make('Credential', 'git', { spec: { type: 'Git', host: address, secretName: 'git' } }, namespace)
  await make('Credential', 'token', { spec: { type: 'Git', host: address, secretName: 'token' } }, namespace)
  const pull = { type: 'Registry', host: 'registry.example', secretName: 'pull', copyToTargets: true }
  await make('Credential', 'pull', { spec: pull }, namespace)

  const helm = (mode: string, secretName: string) => ({
    helm: { chart: { oci: { url: planted, version: '1.0.0' } } },
    values: { mode },
    valuesFrom: [{ secretName }],
  })
  const components: Record<(typeof applications)[number], object[]> = {
    fine: [{ name: 'web', ...helm('fine', 'values') }],
    fail: [{ name: 'fail', ...helm('fail', 'values') }],
    refused: [{ name: 'refused', ...helm('refused', 'values') }],
    schema: [{ name: 'schema', ...helm('fine', 'strict') }],
    badyaml: [{ name: 'badyaml', ...helm('fine', 'badyaml') }],
    git: ['git', 'token'].map((credentialName) => {
      const git = { url: `https://${address}/planted.git`, path: 'x' }
      return { name: credentialName, manifests: { git }, credentialName }
    }),
  }
  const specOf = (all: object[]) => ({
    components: all,
    driftPolicy: 'Report',
    placement: { clusters: { names: ['west'] } },
  })
  for (const [at, all] of Object.entries(components)) await make('Application', at, { spec: specOf(all) }, namespace)
  const read = (application: string) => api.applications.get({ params: { project: name, application } })
  for (const at of applications)
    await until(
      async () => {
        const { findings, sentence, matrix } = await read(at)
        if (at === 'fine') return matrix.targets.length > 0 && matrix.targets.every(({ phase }) => phase === 'Settled')
        return findings.length > 0 || sentence.code === 'failed' || sentence.code === 'blocked'
      },
      60_000,
      200,
    )

  // changed behind our back, with a secret of somebody else
  const live = { stringData: { password: secrets.plant('secret in a member') } }
  const delivered = { group: '', kind: 'Secret', namespace: name }
  await member.patch({ ...delivered, name: 'web' }, { type: 'merge', body: live })
  await member.apply(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'stranger', namespace: name }, ...live },
    { fieldManager: 'stranger', force: true },
  )
  const document = JSON.stringify({
    apiVersion,
    kind: 'Application',
    metadata: { name: 'fine', namespace },
    spec: specOf([{ name: 'web', ...helm('fine', 'other') }]),
  })
  const remove = async (): Promise<void> => {
    for (const object of made.toReversed()) await hub.delete(refOf(object)).catch(() => 'gone already')
    await member.delete({ ...delivered, name: 'stranger' }).catch(() => 'gone already')
    await until(async () => (await api.applications.list({ query: { project: name } })).total === 0)
  }
  return { admin, viewer, document, remove }
}

async function pushPlanted(fleet: Fleet): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flotilla-planted-'))
  await mkdir(path.join(folder, 'templates'))
  for (const [file, text] of Object.entries(chart)) await writeFile(path.join(folder, file), text)
  const address = await fleet.registry.pushChart(folder)
  await rm(folder, { recursive: true })
  return address.slice(0, address.lastIndexOf(':'))
}
