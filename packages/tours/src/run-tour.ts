import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { asFlotillaError } from '@flotilla/model'
import { openStage, type Stage } from './stage.ts'
import { Story } from './story.ts'

interface Tour {
  readonly name: string
  readonly about: string
  tell(story: Story, stage: Stage): Promise<void>
}

const tours: readonly { readonly name: string; readonly about: string; load(): Promise<Tour['tell']> }[] = [
  {
    name: 'fleet',
    about: 'three clusters, one shop with differences, drift repaired, a cluster cut and healed',
    load: async () => (await import('./fleet/tell-fleet.ts')).tellFleet,
  },
  {
    name: 'access',
    about:
      'two departments, kubectl as each of their people, somebody disabled in an exec, a cluster that joins by an agent',
    load: async () => (await import('./access/tell-access.ts')).tellAccess,
  },
  {
    name: 'releases',
    about: 'a shop from v1 to v2 and back: a difference, a test that fails, a migration, an approval, a rollback',
    load: async () => (await import('./releases/tell-releases.ts')).tellReleases,
  },
]

const help = `flotilla tour NAME [--fleet DIR]: a capability told on the local fleet, step by step with what is seen

${tours.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

  --fleet DIR   folder of the local fleet (default: .local, which \`make up\` starts)

A tour makes workspaces, projects and people of its own and removes them at the end. It ends with 0 when every step was so.
With FLOTILLA_SERVER and FLOTILLA_TOKEN it speaks to that server instead of the fleet's own.

  flotilla tour fleet
  flotilla tour access
  flotilla tour releases
`

/** `flotilla tour NAME`. Gives the exit code: 0 when every step was so, 1 when one was not, 2 for wrong usage. */
export async function runTour(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(help)
    return name === undefined ? 2 : 0
  }
  const tour = tours.find((one) => one.name === name)
  const fleetDir = readFleetDir(rest)
  if (tour === undefined || fleetDir === undefined) {
    process.stderr.write(
      `flotilla tour: ${tour === undefined ? `there is no tour ${name}` : `wrong options: ${rest.join(' ')}`}\n\n${help}`,
    )
    return 2
  }
  const interrupt = new AbortController()
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')))
  process.once('SIGTERM', () => interrupt.abort(new Error('interrupted')))
  const scratch = await mkdtemp(path.join(tmpdir(), 'flotilla-tour-'))
  const write = (line: string): void => void process.stdout.write(`${line}\n`)
  let story: Story | undefined
  let failed = 0
  try {
    const stage = await openStage({ fleetDir, scratch, signal: interrupt.signal })
    story = new Story({
      teller: { write, colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' },
      env: stage.env,
      signal: interrupt.signal,
    })
    await (
      await tour.load()
    )(story, stage)
  } catch (error) {
    failed = 1
    const { message, remedy } = asFlotillaError(error)
    write(`\n✗ ${message}${remedy === undefined ? '' : `\n  ${remedy}`}`)
  }
  failed += (await story?.finish()) ?? 0
  await rm(scratch, { recursive: true, force: true })
  write(failed === 0 ? '\nEvery step was so.' : '\nThe tour did not go as told.')
  return failed === 0 ? 0 : 1
}

function readFleetDir(args: readonly string[]): string | undefined {
  if (args.length === 0) return path.resolve('.local')
  const [flag, dir] = args
  return args.length === 2 && flag === '--fleet' && dir !== undefined ? path.resolve(dir) : undefined
}
