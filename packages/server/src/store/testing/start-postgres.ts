import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A PostgreSQL of Debian's for one test, on loopback or where pods reach it. It refuses to run as root, so it gets a user of its own. */
export interface TestPostgres {
  readonly url: string
  /** As `kill -9` of all of it. */
  kill(): Promise<void>
  /** On the same data and port. */
  start(): Promise<void>
  close(): Promise<void>
}

const versions = '/usr/lib/postgresql'

export async function startPostgres(port: number, at = '127.0.0.1'): Promise<TestPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-postgres-'))
  const bin = join(versions, await newest(), 'bin')
  const owner = process.getuid?.() === 0 ? await userOf('postgres') : undefined
  if (owner !== undefined) await chown(dir, owner.uid, owner.gid)
  const data = join(dir, 'data')
  const password = randomBytes(12).toString('hex')
  await writeFile(join(dir, 'password'), password)
  const as = { cwd: dir, stdio: 'ignore', ...owner } as const
  const made = spawn(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'flotilla', '-A', 'scram-sha-256', '--pwfile', join(dir, 'password'), '-E', 'UTF8', '-N'],
    as,
  )
  const [code] = await once(made, 'exit')
  if (code !== 0) throw new Error(`initdb ended with ${code}`)
  // the last line is for others than this machine itself
  await appendFile(join(data, 'pg_hba.conf'), 'host all all all scram-sha-256\n')
  const url = `postgresql://flotilla:${password}@${at}:${port}/postgres`

  const run = () => spawn(join(bin, 'postgres'), ['-D', data, '-p', `${port}`, '-h', at, '-k', dir], as)
  let server = run()
  const untilReady = async (): Promise<void> => {
    for (let tries = 0; tries < 300; tries++) {
      const status = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
      // its eighth line says how far it is
      if (status.split('\n')[7]?.trim() === 'ready' && Number(status.split('\n')[0]) === server.pid) return
      await wait(50)
    }
    throw new Error('PostgreSQL did not become ready within 15 s')
  }
  await untilReady()
  const end = async (name: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(name)
    await ended
  }
  return {
    url,
    kill: async () => {
      // each connection has a process, which would answer on until it sees that it is alone
      const children = await childrenOf(server.pid)
      await end('SIGKILL')
      for (const child of children) {
        try {
          process.kill(child, 'SIGKILL')
        } catch {
          // it saw it already
        }
      }
      while ((await Promise.all(children.map(lives))).includes(true)) await wait(10)
    },
    start: async () => {
      server = run()
      await untilReady()
    },
    close: async () => {
      await end('SIGQUIT')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}

const lives = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => !/\) Z /.test(stat),
    () => false,
  )

async function newest(): Promise<string> {
  const found = await readdir(versions).catch(() => [])
  const last = found.toSorted((one, other) => Number(other) - Number(one))[0]
  if (last === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  return last
}

async function userOf(name: string): Promise<{ uid: number; gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error(`this machine has no user ${name}`)
  return { uid: Number(uid), gid: Number(gid) }
}
