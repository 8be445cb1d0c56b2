import type { ApiClient } from '@flotilla/api'
import { generatePassword } from '@flotilla/model/generate-password'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { applyOne } from './apply-one.ts'
import { roleText } from '../print/role-text.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

interface Printed {
  readonly context?: string
  readonly output: OutputForm
}

export async function listPeople(io: Io, options: Printed & { readonly query?: string }): Promise<void> {
  const { api } = await connect(io, options.context)
  const answer = await api.people.list({
    query: options.query === undefined ? {} : { q: options.query },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const rows = answer.items.map(({ name, displayName = '', email = '', disabled, roles }) => [
    name,
    displayName,
    email,
    roles.map(roleText).join(', ') || '-',
    disabled ? 'Disabled' : 'Active',
  ])
  io.out(table(io, ['NAME', 'DISPLAY NAME', 'EMAIL', 'ROLES', 'STATE'], rows))
  if (answer.continue !== undefined) io.err(`Shown: ${rows.length} of ${answer.total}; narrow it with --query\n`)
}

export interface AddPersonOptions {
  readonly context?: string
  readonly displayName?: string
  readonly email?: string
}

/** Makes the User and a first password, which is shown once and has to be changed. */
export async function addPerson(io: Io, name: string, options: AddPersonOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const { displayName, email } = options
  await applyOne(io, api, {
    mode: 'create',
    object: {
      kind: 'User',
      metadata: { name },
      spec: { ...(displayName === undefined ? {} : { displayName }), ...(email === undefined ? {} : { email }) },
    },
  })
  const password = await setGenerated(io, api, name)
  io.out(`Added ${name}. First password, shown only now: ${password}\n`)
  io.err(`They have no role yet. Give one: flotilla member add ${name} developer -w WORKSPACE\n`)
}

/** A new password, generated and shown once, or read from standard input; every session of theirs ends. */
export async function setPassword(
  io: Io,
  name: string,
  options: { readonly context?: string; readonly passwordStdin?: boolean },
): Promise<void> {
  const { api } = await connect(io, options.context)
  if (options.passwordStdin === true) {
    const password = (await io.readStdin()).replace(/\r?\n$/, '')
    await api.users.setPassword({ params: { user: name }, body: { password, mustChange: false }, signal: io.signal })
    io.out(`The password of ${name} was set; their sessions have ended\n`)
    return
  }
  const password = await setGenerated(io, api, name)
  io.out(
    `New password of ${name}, shown only now: ${password}\nThey change it when they sign in; their sessions have ended\n`,
  )
}

export async function setDisabled(
  io: Io,
  name: string,
  disabled: boolean,
  options: { readonly context?: string },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const user = await api.kinds.get({ params: { kind: 'User', name }, query: {}, signal: io.signal })
  const spec = typeof user['spec'] === 'object' ? { ...user['spec'] } : {}
  if ('disabled' in spec ? spec.disabled === disabled : !disabled) {
    io.out(`${name} is ${disabled ? 'disabled' : 'enabled'} already\n`)
    return
  }
  await applyOne(io, api, {
    mode: 'replace',
    object: { kind: 'User', metadata: user.metadata, spec: { ...spec, disabled } },
  })
  io.out(
    disabled
      ? `Disabled ${name}: what they have open ends within seconds, and their roles give nothing until they are enabled\n`
      : `Enabled ${name}\n`,
  )
}

/** Made here, so that the server never sends one. */
async function setGenerated(io: Io, api: ApiClient, user: string): Promise<string> {
  const password = generatePassword()
  await api.users.setPassword({ params: { user }, body: { password, mustChange: true }, signal: io.signal })
  return password
}

export interface CanIOptions {
  readonly context?: string
  readonly project?: string
  readonly workspace?: string
  readonly cluster?: string
  readonly as?: string
}

/** Says yes or no, and ends with 0 or 3. */
export async function canDo(io: Io, verb: string, resource: string, options: CanIOptions): Promise<boolean> {
  const { api } = await connect(io, options.context)
  const { project, workspace, cluster } = options
  if (cluster !== undefined && project === undefined)
    throw new UsageError('--cluster needs -n PROJECT: it is asked in its namespace there')
  const user = options.as ?? (await api.session.get({ signal: io.signal })).person.name
  const [plural, group] = splitGroup(resource)
  const { answers, disabled, namespace } = await api.access.review({
    body: {
      user,
      questions: [{ verb, group: group ?? (cluster === undefined ? 'flotilla.dev' : ''), resource: plural }],
      ...(project === undefined ? {} : { project }),
      ...(workspace === undefined ? {} : { workspace }),
      ...(cluster === undefined ? {} : { cluster }),
    },
    signal: io.signal,
  })
  const allowed = answers[0] === true && !disabled
  const where = `${namespace === '' ? 'everywhere' : `in ${namespace}`}${cluster === undefined ? '' : ` of ${cluster}`}`
  io.out(`${allowed ? 'yes' : 'no'}\n`)
  if (disabled) io.err(`${user} is disabled and may do nothing\n`)
  else if (!allowed) io.err(`${user} may not ${verb} ${resource} ${where}\n`)
  return allowed
}

/** `deployments.apps` names its group as kubectl does. */
function splitGroup(resource: string): [string, string | undefined] {
  const dot = resource.indexOf('.')
  return dot === -1 ? [resource, undefined] : [resource.slice(0, dot), resource.slice(dot + 1)]
}
