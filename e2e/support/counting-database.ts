import { randomBytes } from 'node:crypto'
import { glob } from 'node:fs/promises'
import { buildImage, type Fleet } from '@flotilla/local'
import { readPrograms } from '../../packages/local/src/program-files.ts'
import { startPostgres } from '../../packages/server/src/store/testing/start-postgres.ts'
import { runProgram } from './run-program.ts'
import { freePort } from './start-flotilla.ts'

/** A real PostgreSQL of the shop, which pods of the fleet reach, with a table in which each run of a migration leaves a line. */
export interface CountingDatabase {
  readonly password: string
  /** A pod's template that runs SQL in it, statement by statement; the password is in a Secret, under `database-password`. */
  template(secret: string, ...statements: readonly string[]): object
  /** As its owner, at this machine; rows as lines. */
  query(statement: string): Promise<string>
  close(): Promise<void>
}

export async function openCountingDatabase(fleet: Fleet): Promise<CountingDatabase> {
  const [host = ''] = fleet.registry.address.split(':')
  const postgres = await startPostgres(await freePort(host), host)
  try {
    const psql = await findPsql()
    const image = `flotilla-test/psql-${randomBytes(3).toString('hex')}:1`
    const files = await readPrograms({ '/usr/bin/psql': psql })
    await fleet.registry.pushImage(image, buildImage(files, { entrypoint: ['/usr/bin/psql'], user: '65532:65532' }))
    const { port, username, password, pathname } = new URL(postgres.url)
    const place = { PGHOST: host, PGPORT: port, PGUSER: username, PGDATABASE: pathname.slice(1) }
    const args = (statements: readonly string[]): string[] => [
      '--no-psqlrc',
      '--set=ON_ERROR_STOP=1',
      ...statements.flatMap((statement) => ['--command', statement]),
    ]
    const query = async (statement: string): Promise<string> => {
      const env = { ...place, PGPASSWORD: password }
      const { code, output } = await runProgram(
        psql,
        ['--tuples-only', '--no-align', ...args([statement])],
        env,
        20_000,
      )
      if (code !== 0) throw new Error(output)
      return output.trim()
    }
    await query('CREATE TABLE runs (what text NOT NULL, at timestamptz NOT NULL DEFAULT now())')
    return {
      password,
      query,
      template: (secret, ...statements) => ({
        spec: {
          automountServiceAccountToken: false,
          containers: [
            {
              name: 'psql',
              image: `docker.io/${image}`,
              args: args(statements),
              env: [
                ...Object.entries(place).map(([name, value]) => ({ name, value })),
                { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: secret, key: 'database-password' } } },
              ],
              resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
            },
          ],
        },
      }),
      close: postgres.close,
    }
  } catch (thrown) {
    await postgres.close()
    throw thrown
  }
}

/** The program itself: what is in PATH is a script that looks for it. */
async function findPsql(): Promise<string> {
  for await (const file of glob('/usr/lib/postgresql/*/bin/psql')) return file
  throw new Error('PostgreSQL is not installed: apt-get install postgresql')
}
