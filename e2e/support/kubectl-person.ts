import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ApiClient } from '@flotilla/api'
import type { Fleet } from '@flotilla/local'
import { type Ran, runProgram } from './run-program.ts'
import type { RunningFlotilla } from './start-flotilla.ts'

const flotilla = path.resolve(import.meta.dirname, '../../bin/flotilla')

/** A person at a machine of their own: signed in with the command line, and with plain kubectl and helm. */
export interface KubectlPerson {
  readonly name: string
  /** Folder with their settings and their kubeconfig. */
  readonly home: string
  readonly kubeconfig: string
  flotilla(...args: string[]): Promise<Ran>
  kubectl(cluster: string, ...args: string[]): Promise<Ran>
  helm(cluster: string, ...args: string[]): Promise<Ran>
  /** Runs until it ends by itself; `text` is what it has said so far. */
  start(cluster: string, ...args: string[]): Running
  /** The same in a terminal (script of util-linux), where `-t` means something. */
  startInTerminal(env: Readonly<Record<string, string>>, cluster: string, ...args: string[]): Running
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  text(): string
  /** With the time at which it ended. */
  readonly ended: Promise<{ code: number | null; at: number }>
}

/** Makes a user with a password and signs them in. */
export async function makePerson(
  parts: { readonly api: ApiClient; readonly server: RunningFlotilla; readonly fleet: Fleet },
  name: string,
): Promise<KubectlPerson> {
  const { api } = parts
  const password = `a password of ${name}`
  await api.documents.apply({
    body: { documents: `apiVersion: flotilla.dev/v1alpha1\nkind: User\nmetadata: { name: ${name} }\nspec: {}\n` },
  })
  for (let attempt = 0; ; attempt++) {
    try {
      await api.users.setPassword({ params: { user: name }, body: { password, mustChange: false } })
      break
    } catch (thrown) {
      // the server's watch has to tell of the user first
      if (attempt === 50) throw thrown
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  return await enter(parts, name, `-u ${name} --password-stdin`, password)
}

/** A machine where somebody signs in with what is read from standard input: a password, or an API token. */
export async function enter(
  { server, fleet }: { readonly server: RunningFlotilla; readonly fleet: Fleet },
  name: string,
  how: string,
  secret: string,
): Promise<KubectlPerson> {
  const home = await mkdtemp(path.join(tmpdir(), `flotilla-${name}-`))
  const kubeconfig = path.join(home, 'kubeconfig')
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, 'config'),
    // what was compiled before is no secret of theirs
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? path.join(process.env['HOME'] ?? '', '.cache'),
    KUBECONFIG: kubeconfig,
  }
  const login = `"$0" login ${server.url} --allow-http ${how} <<< "$FLOTILLA_TEST_SECRET"`
  const { code, output } = await runProgram('bash', ['-c', login, flotilla], {
    ...env,
    FLOTILLA_TEST_SECRET: secret,
  })
  if (code !== 0) throw new Error(output)
  const bin = (program: string): string => path.join(fleet.dir, 'bin', program)
  return {
    name,
    home,
    kubeconfig,
    flotilla: (...args) => runProgram(flotilla, args, env),
    kubectl: (cluster, ...args) => runProgram(bin('kubectl'), ['--context', cluster, ...args], env, 60_000),
    helm: (cluster, ...args) => runProgram(bin('helm'), ['--kube-context', cluster, ...args], env, 60_000),
    start: (cluster, ...args) =>
      running(spawn(bin('kubectl'), ['--context', cluster, ...args], { env: { ...process.env, ...env } })),
    startInTerminal: (more, cluster, ...args) => {
      // words of tests only, none of which a shell would read otherwise
      const line = [bin('kubectl'), '--context', cluster, ...args].join(' ')
      return running(spawn('script', ['-qefc', line, '/dev/null'], { env: { ...process.env, ...env, ...more } }))
    },
  }
}

function running(child: ChildProcessWithoutNullStreams): Running {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ended = new Promise<{ code: number | null; at: number }>((resolve) =>
    child.once('close', (exit) => resolve({ code: exit, at: Date.now() })),
  )
  return { child, text: () => said, ended }
}
