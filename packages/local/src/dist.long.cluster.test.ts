import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { packDistribution } from './dist.ts'
import { readFleetRecord } from './fleet-record.ts'
import { removeFleet } from './fleet-stop.ts'
import { projectRoot } from './paths.ts'
import { runChecked, runCommand } from './run-command.ts'

/** Where Go is not, but all that a machine without it has. */
const withoutGo = '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'

test(
  'where the packed parts are installed, a fleet starts without Go and compiles nothing',
  { timeout: 840_000 },
  async (t) => {
    const root = await mkdtemp(path.join(tmpdir(), 'flotilla-dist-test-'))
    const dir = path.join(root, 'fleet')
    try {
      const file = await packDistribution({ into: path.join(root, 'packed'), packing: 'quick' })
      await runChecked(['npm', 'install', '--silent', '--no-save', '--offline', '--prefix', root, file])
      const checkout = path.join(root, 'flotilla')
      const tracked = (await runChecked(['git', 'ls-files', '-z'], { cwd: projectRoot })).split('\0').filter(Boolean)
      for (const name of tracked) {
        await mkdir(path.dirname(path.join(checkout, name)), { recursive: true })
        await cp(path.join(projectRoot, name), path.join(checkout, name))
      }
      await symlink(path.join(projectRoot, 'node_modules'), path.join(checkout, 'node_modules'))

      const env = {
        PATH: `${path.dirname(process.execPath)}:${withoutGo}`,
        HOME: root,
        XDG_CACHE_HOME: path.join(root, 'cache'),
      }
      assert.notEqual((await runCommand(['sh', '-c', 'command -v go'], { env })).code, 0, 'there is no Go')
      const began = performance.now()
      const argv = ['local', '--dir', dir, 'up', '--no-server', '--clusters', 'solo']
      const up = await runCommand([path.join(checkout, 'bin/flotilla'), ...argv], { env })
      const seconds = (performance.now() - began) / 1000
      t.diagnostic(`up from packed parts: ${seconds.toFixed(1)} s`)
      const said = `${up.stdout}${up.stderr}`
      assert.equal(up.code, 0, said)
      assert.doesNotMatch(said, /compil/i)
      for (const part of ['kubernetes', 'containerd', 'registry']) {
        assert.match(said, new RegExp(`${part} [^:]*: unpacking`))
      }
    } finally {
      const record = await readFleetRecord(dir)
      if (record !== undefined) await removeFleet(record)
      await rm(root, { recursive: true, force: true })
    }
  },
)
