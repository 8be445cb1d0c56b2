import type { ApiClient, KindView, KubeObjectShape } from '@flotilla/api'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { stateColour } from '../print/colour.ts'
import { readJsonPath } from '../print/json-path.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

export interface GetOptions {
  readonly context?: string
  readonly output: OutputForm | 'wide'
  readonly project?: string
  readonly workspace?: string
}

const mostPages = 200

export async function getObjects(io: Io, kind: string, name: string | undefined, options: GetOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const where = await whereOf(io, api, kind, options)
  if (name !== undefined) {
    const object = await api.kinds.get({ params: { kind, name }, query: where, signal: io.signal })
    if (isForPrograms(options.output)) return await printResult(io, options.output, object)
    const { items } = await api.kinds.describe({ signal: io.signal })
    const view = items.find((one) => one.kind === object.kind)
    if (view !== undefined) io.out(objectTable(io, view, [object]))
    return
  }
  const items: KubeObjectShape[] = []
  let view: KindView | undefined
  let next: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const query = { ...where, ...(next === undefined ? {} : { continue: next }) }
    const answer = await api.kinds.list({ params: { kind }, query, signal: io.signal })
    items.push(...answer.items)
    view = answer.kind
    next = answer.continue
    if (next === undefined) break
  }
  if (isForPrograms(options.output)) return await printResult(io, options.output, { kind: 'List', items })
  if (view === undefined || items.length === 0) io.err(`No ${kind} that you may see\n`)
  else io.out(objectTable(io, view, items))
}

const isForPrograms = (form: GetOptions['output']): form is 'json' | 'yaml' => form === 'json' || form === 'yaml'

/** Projects and memberships live in workspaces, everything else in projects. */
async function whereOf(io: Io, api: ApiClient, kind: string, options: GetOptions): Promise<Record<string, string>> {
  if (options.workspace !== undefined) return { workspace: options.workspace }
  const project = options.project ?? io.env['FLOTILLA_PROJECT']
  if (project === undefined) return {}
  if (!/^(projects?|fpj|memberships?|customroles?)$/i.test(kind)) return { project }
  const { workspace } = await api.projects.get({ params: { project }, signal: io.signal })
  return { workspace }
}

function objectTable(io: Io, kind: KindView, objects: readonly KubeObjectShape[]): string {
  const namespaced = kind.scope === 'Namespaced'
  const heads = [
    ...(namespaced ? ['NAMESPACE'] : []),
    'NAME',
    ...kind.columns.map((column) => column.name.toUpperCase()),
  ]
  return table(
    io,
    heads,
    objects.map((object) => [
      ...(namespaced ? [object.metadata.namespace] : []),
      object.metadata.name,
      ...kind.columns.map((column) => {
        const text = readJsonPath(object, column.jsonPath)
        return column.type === 'date' ? age(text, io.now()) : { text: text ?? '', colour: stateColour(text ?? '') }
      }),
    ]),
  )
}
