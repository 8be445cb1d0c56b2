import { FlotillaError } from '@flotilla/model/errors'
import { asKubernetesReads } from '@flotilla/model/yaml'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { grantWords } from '../print/grant-words.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { applyOne } from './apply-one.ts'
import { placeOf, type PlaceOptions } from './members.ts'
import { noSuchRole } from './no-such-role.ts'

type Printed = PlaceOptions & { readonly output: OutputForm }

export async function listRoles(io: Io, options: Printed): Promise<void> {
  const { api } = await connect(io, options.context)
  const answer = await api.roles.list({ query: placeOf(options).query, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const rows = answer.items.map((role) => [
    role.name,
    role.builtIn ? 'built in' : (role.displayName ?? ''),
    String(role.givenCount),
    role.state === 'Ready' ? '' : role.state,
  ])
  io.out(table(io, ['NAME', '', 'GIVEN TO', ''], rows))
}

/** What it may do in words, who has it, and where a cluster refused it. */
export async function showRole(io: Io, name: string, options: Printed): Promise<void> {
  const { role } = await findRole(io, name, options)
  if (options.output !== 'table') return await printResult(io, options.output, role)
  const { words } = placeOf(options)
  const title = role.displayName === undefined ? '' : ` (${role.displayName})`
  io.out(`Role ${role.name}${title} of ${words}${role.builtIn ? ', built in' : ''}\n`)
  if (role.description !== undefined) io.out(`${role.description}\n`)
  io.out('\nMay:\n')
  for (const grant of role.grants) io.out(`  ${grantWords(grant)}\n`)
  if (role.givesRoles) io.out('  Give roles, and make them\n')
  for (const { verbs, resources, apiGroups } of role.rules)
    io.out(
      `  In the clusters: ${verbs.join(', ')} ${resources.join(', ')} of ${apiGroups.map((one) => one || 'core').join(', ')}\n`,
    )
  const more = role.givenCount > role.givenTo.length ? ` and ${role.givenCount - role.givenTo.length} more` : ''
  io.out(`\nGiven to: ${role.givenCount === 0 ? 'nobody' : `${role.givenTo.join(', ')}${more}`}\n`)
  if (role.message !== undefined) io.out(`${role.state}: ${role.message}\n`)
}

/** What roles there may be made of. */
export async function listRoleGrants(io: Io, options: Printed): Promise<void> {
  const { api } = await connect(io, options.context)
  const { offered } = await api.roles.list({ query: placeOf(options).query, signal: io.signal })
  const rows = offered.map((grant) => [grant, grantWords(grant)])
  if (options.output !== 'table') return await printResult(io, options.output, { items: offered })
  io.out(table(io, ['GRANT', 'WHAT IT LETS PEOPLE DO'], rows))
}

export interface SetRoleOptions extends PlaceOptions {
  readonly displayName?: string
  readonly description?: string
  readonly grant?: readonly string[]
  readonly rules?: string
}

/** Makes a role, or makes it what is said; who has it gets the change at once. */
export async function setRole(io: Io, name: string, options: SetRoleOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const place = placeOf(options)
  const { displayName, description, grant = [] } = options
  const rules = options.rules === undefined ? undefined : await readRules(io, options.rules)
  if (grant.length === 0 && rules === undefined)
    throw new UsageError('say what it may do: --grant GRANT (flotilla role grants lists them), or --rules FILE')
  const spec = {
    ...(displayName === undefined ? {} : { displayName }),
    ...(description === undefined ? {} : { description }),
    grants: [...new Set(grant)],
    rules: rules ?? [],
  }
  const object = { kind: 'CustomRole', metadata: { name, namespace: place.namespace }, spec }
  const outcome = await applyOne(io, api, { mode: 'apply', force: true, object })
  const done = outcome === 'created' ? 'Made' : outcome === 'changed' ? 'Changed' : 'Nothing changed of'
  io.out(`${done} role ${name} of ${place.words}\n`)
  if (outcome === 'created') io.err(`Give it to somebody: flotilla member add NAME ${name} ${place.flag}\n`)
}

/** A role that somebody has stays; says who. */
export async function removeRole(io: Io, name: string, options: PlaceOptions): Promise<void> {
  const { api, role } = await findRole(io, name, options)
  const { namespace, words, flag } = placeOf(options)
  if (role.builtIn) throw new UsageError(`${name} is built in and stays`)
  if (role.givenCount > 0)
    throw new FlotillaError('request.conflict', {
      message: `Role ${name} of ${words} is given to ${role.givenTo.join(', ')}`,
      remedy: `Take it from them first: flotilla member remove ${role.givenTo[0] ?? 'NAME'} ${flag}`,
      field: 'name',
      value: name,
    })
  await api.kinds.remove({ params: { kind: 'CustomRole', name }, query: { namespace }, signal: io.signal })
  io.out(`Removed role ${name} of ${words}\n`)
}

async function findRole(io: Io, name: string, options: PlaceOptions) {
  const { api } = await connect(io, options.context)
  const place = placeOf(options)
  const { items } = await api.roles.list({ query: place.query, signal: io.signal })
  const role = items.find((one) => one.name === name)
  if (role === undefined) throw noSuchRole(name, place.words, items)
  return { api, role }
}

/** A list of rules, or a Role or ClusterRole with them. */
async function readRules(io: Io, path: string): Promise<unknown[]> {
  const text = path === '-' ? await io.readStdin() : await readFile(path, 'utf8')
  const found: unknown = parse(text, asKubernetesReads)
  const rules = Array.isArray(found)
    ? found
    : typeof found === 'object' && found !== null && 'rules' in found
      ? found.rules
      : undefined
  if (!Array.isArray(rules))
    throw new UsageError(`${path} needs a list of rules with apiGroups, resources and verbs, or a Role that has them`)
  return rules
}
