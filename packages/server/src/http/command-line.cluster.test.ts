import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { applicationYaml, deliverTalker, type HttpWorld, openHttpWorld, password } from './testing/open-http-world.ts'

const command = join(import.meta.dirname, '../../../../bin/flotilla')
let world: HttpWorld
before(
  async () => {
    world = await openHttpWorld({ talker: true })
  },
  { timeout: 300_000 },
)
after(() => world?.close(), { timeout: 120_000 })

describe('the command line, as a process', () => {
  const config = () => join(world.dir, 'cli.json')
  let project = ''
  let url = ''
  before(
    async () => {
      ;({ project, url } = world)
      await deliverTalker(world)
    },
    { timeout: 180_000 },
  )
  async function flotilla(
    args: readonly string[],
    stdin = '',
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(command, args, {
      env: {
        PATH: process.env['PATH'],
        HOME: world.dir,
        FLOTILLA_CONFIG: config(),
        XDG_CACHE_HOME: world.dir,
        // what is compiled already, and the built program, in a whole run
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        FLOTILLA_PROGRAM: process.env['FLOTILLA_PROGRAM'],
      },
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
    child.stdin.end(stdin)
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { code, out, err }
  }

  test('signs in, keeps the token to itself, and says who one is', { timeout: 120_000 }, async () => {
    assert.equal((await flotilla(['whoami'])).code, 4)
    const wrong = await flotilla(['login', url, '-u', `admin-${world.id}`, '--password-stdin'], 'wrong\n')
    assert.equal(wrong.code, 4)
    assert.match(wrong.err, /auth\.failed/)
    const right = await flotilla(['login', url, '-u', `admin-${world.id}`, '--password-stdin'], `${password}\n`)
    assert.equal(right.code, 0, right.err)
    assert.equal((await stat(config())).mode & 0o777, 0o600)
    const { out } = await flotilla(['whoami', '-o', 'json'])
    assert.equal((JSON.parse(out) as { person: { name: string } }).person.name, `admin-${world.id}`)
  })

  test('applies from standard input and prints what is there', { timeout: 120_000 }, async () => {
    const applied = await flotilla(['apply', '-f', '-', '-n', project], applicationYaml('by-cli'))
    assert.equal(applied.code, 0, applied.err)
    assert.match(applied.out, /application\/by-cli in pj-.* created/)
    assert.match((await flotilla(['get', 'applications', '-n', project])).out, /NAMESPACE +NAME .*\n(.*\n)*.*by-cli/)
    const one = await flotilla(['get', 'application', 'by-cli', '-n', project, '-o', 'yaml'])
    assert.match(one.out, /kind: Application/)
    assert.equal((await flotilla(['get', 'application', 'nobody', '-n', project])).code, 1)
  })

  test('says with its exit code that an application is not healthy', { timeout: 120_000 }, async () => {
    assert.equal((await flotilla(['status', `${project}/by-cli`])).code, 3)
    assert.equal((await flotilla(['status', `${project}/by-cli`, '--wait', '2s'])).code, 3)
    assert.equal((await flotilla(['status', `${project}/by-cli`, '--wait', 'soon'])).code, 2)
  })

  test('shows logs without what would steer a terminal', { timeout: 120_000 }, async () => {
    const { code, out } = await flotilla(['logs', `${project}/web`, '--tail', '2'])
    assert.equal(code, 0)
    assert.match(out, /talker.* line \d+ \\x1b\[2Jend\n/)
    assert.ok(!out.includes('\u001B'))
  })

  test('deletes only when it is said what becomes of the objects', { timeout: 120_000 }, async () => {
    const unsaid = await flotilla(['delete', 'application', `${project}/by-cli`])
    assert.equal(unsaid.code, 2)
    assert.match(unsaid.err, /--objects keep or --objects delete/)
    const kept = await flotilla(['delete', 'application', `${project}/by-cli`, '--objects', 'keep'])
    assert.equal(kept.code, 0, kept.err)
  })

  test('refuses a document with its line, and what it cannot mean', { timeout: 120_000 }, async () => {
    await writeFile(join(world.dir, 'bad.yaml'), 'kind: A\nkind: B\n')
    const bad = await flotilla(['apply', '-f', join(world.dir, 'bad.yaml')])
    assert.equal(bad.code, 1)
    assert.match(bad.err, /Line 2/)
    assert.equal((await flotilla(['aply'])).code, 2)
    assert.equal((await flotilla(['--help'])).code, 0)
  })
})
