import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { FlotillaError } from '@flotilla/model/errors'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { neutraliseLine } from '../print/neutralise.ts'

const run = promisify(execFile)
const timeoutMs = 60_000

export interface ExecCredential {
  readonly token: string | undefined
  readonly clientCertificateData: string | undefined
  readonly clientKeyData: string | undefined
  readonly expires: string | undefined
}

/** Runs the program that a kubeconfig names (client.authentication.k8s.io), after the person saw it and agreed. */
export async function runExecPlugin(
  io: Io,
  exec: Record<string, unknown>,
  consent: boolean,
  cluster: Record<string, unknown>,
): Promise<ExecCredential> {
  const { command, args, env, apiVersion } = exec
  if (typeof command !== 'string' || command === '') throw new UsageError('users[].user.exec names no command')
  const words = Array.isArray(args) ? args.map(String) : []
  const shown = neutraliseLine([command, ...words].join(' '))
  if (!consent) {
    if (!io.interactive) throw new UsageError(`the kubeconfig runs a program to sign in (${shown}); agree with --yes`)
    const answer = await io.ask(
      `The kubeconfig runs this program on your machine to sign in:\n  ${shown}\nRun it? [y/N] `,
    )
    if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('the program was not run; nothing was added')
  }
  const more = Array.isArray(env)
    ? Object.fromEntries(env.map((one: { name?: unknown; value?: unknown }) => [String(one.name), String(one.value)]))
    : {}
  const request = {
    apiVersion: typeof apiVersion === 'string' ? apiVersion : 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: io.interactive,
      ...(exec['provideClusterInfo'] === true ? { cluster: { server: cluster['server'] } } : {}),
    },
  }
  let output: string
  try {
    const { stdout } = await run(command, words, {
      env: { ...io.env, ...more, KUBERNETES_EXEC_INFO: JSON.stringify(request) },
      timeout: timeoutMs,
      maxBuffer: 1024 * 1024,
      signal: io.signal,
    })
    output = stdout
  } catch (thrown) {
    // its output may hold credentials, so only how it ended is said
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
    throw refused(`The program ${neutraliseLine(command)} failed (${code})`)
  }
  const status = statusOf(output)
  const text = (field: string): string | undefined => {
    const value = status[field]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const credential = {
    token: text('token'),
    clientCertificateData: text('clientCertificateData'),
    clientKeyData: text('clientKeyData'),
    expires: text('expirationTimestamp'),
  }
  if (credential.token === undefined && credential.clientCertificateData === undefined)
    throw refused(`The program ${neutraliseLine(command)} gave neither a token nor a certificate`)
  return credential
}

function statusOf(output: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(output)
    if (typeof parsed === 'object' && parsed !== null && 'status' in parsed) {
      const { status } = parsed
      if (typeof status === 'object' && status !== null) return { ...status }
    }
  } catch {
    // said below
  }
  throw refused('The program did not answer with an ExecCredential')
}

const refused = (message: string): FlotillaError =>
  new FlotillaError('kubeconfig.refused', {
    message,
    field: 'users[].user.exec',
    remedy: 'Run it by hand to see why, or use a kubeconfig with a token or certificate',
  })
