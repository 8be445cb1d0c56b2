import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { attachFleet, type Fleet } from '@flotilla/local'
import { FlotillaError } from '@flotilla/model'
import { findServerUrl, platformPaths } from '@flotilla/local'

/** What a tour plays on: the fleet, and the programs that a person would use, signed in as the administrator. */
export interface Stage {
  readonly fleet: Fleet
  readonly flotilla: string
  readonly kubectl: string
  readonly helm: string
  readonly chart: string
  /** A folder of the tour's own, removed at its end. */
  readonly scratch: string
  readonly env: NodeJS.ProcessEnv
  /** What signs in, when the environment does not bring a token. */
  readonly signIn: { readonly url: string; readonly password: string } | undefined
  /** Where people sign in. */
  readonly url: string
}

const root = path.resolve(import.meta.dirname, '../../..')

/** Errors: `local.need_missing` when the fleet or its server does not run. */
export async function openStage(options: { fleetDir: string; scratch: string; signal: AbortSignal }): Promise<Stage> {
  const { fleetDir, scratch } = options
  let fleet: Fleet
  try {
    fleet = await attachFleet(fleetDir)
  } catch (cause) {
    throw new FlotillaError('local.need_missing', {
      message: `No fleet runs at ${fleetDir}`,
      remedy: 'Start one with `make up`',
      cause,
    })
  }
  const server = process.env['FLOTILLA_SERVER'] ?? ''
  const given = server !== '' && (process.env['FLOTILLA_TOKEN'] ?? '') !== ''
  const signIn = given ? undefined : await readSignIn(fleet.dir)
  return {
    fleet,
    flotilla: path.join(root, 'bin/flotilla'),
    kubectl: path.join(fleet.dir, 'bin/kubectl'),
    helm: path.join(fleet.dir, 'bin/helm'),
    chart: path.join(root, 'examples/shop/chart'),
    scratch,
    env: {
      ...process.env,
      FLOTILLA_CONFIG: path.join(scratch, 'cli.json'),
      KUBECONFIG: fleet.kubeconfigPath,
      NO_COLOR: '1',
    },
    signIn,
    url: signIn?.url ?? server,
  }
}

async function readSignIn(dir: string): Promise<{ url: string; password: string }> {
  const url = await findServerUrl(dir)
  const password = await readFile(platformPaths(dir).password, 'utf8').catch(() => undefined)
  if (url !== undefined && password !== undefined) return { url, password: password.trim() }
  throw new FlotillaError('local.need_missing', {
    message: 'Flotilla does not run on this fleet',
    remedy: 'Start it with `make up`, or set FLOTILLA_SERVER and FLOTILLA_TOKEN',
  })
}
