import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { z } from 'zod'
import type { Fleet } from './fleet.ts'
import { requestKube } from './kube-request.ts'
import { readAccess } from './kubeconfig.ts'
import { computeMoved, findMoved, type ClusterAddress } from './moved-clusters.ts'
import { clusterPaths, projectRoot } from './paths.ts'
import { platformPaths, type Platform } from './platform.ts'
import type { Progress } from './progress.ts'
import { runFlotilla } from './run-flotilla.ts'

/** Clusters that join the platform by themselves, with the labels that the shop's overrides choose by. */
const members: Readonly<Record<string, readonly string[]>> = {
  east: ['region=eu', 'demo=shop'],
  west: ['region=us', 'demo=shop'],
}

const waitFor = '4m'

const ClusterList = z.object({ items: z.array(z.object({ name: z.string(), server: z.string() })) })

export interface DemoOptions {
  readonly fleet: Fleet
  readonly platform: Platform
  readonly onProgress: Progress
  readonly signal?: AbortSignal | undefined
}

/**
 * Signs in, adds east and west, applies the shop where it is not there yet, and waits until it is healthy in both: each by the command
 * that a person would use. Where the administrator's password was changed it leaves everything as it is and says so.
 */
export async function deliverDemo(options: DemoOptions): Promise<'delivered' | 'not signed in'> {
  const { fleet, platform, onProgress, signal } = options
  const config = path.join(platformPaths(fleet.dir).dir, 'cli.json')
  const flotilla = (args: string[], input?: string) =>
    runFlotilla(args, { program: platform.program, config, input, signal })
  const demand = async (args: string[], input?: string) => {
    const result = await flotilla(args, input)
    if (result.code === 0) return result.stdout
    throw new FlotillaError('local.start_failed', {
      message: `flotilla ${args.slice(0, 3).join(' ')} failed: ${(result.stderr || result.stdout).trim().slice(-800)}`,
      remedy: `Read ${path.join(platformPaths(fleet.dir).logs, 'server.log')}`,
    })
  }

  if ((await flotilla(['whoami'])).code !== 0) {
    const login = ['login', platform.url, '--username', platform.username, '--password-stdin', '--name', 'local']
    const signedIn = await flotilla(login, platform.password)
    if (signedIn.code !== 0) return 'not signed in'
  }
  const known = ClusterList.parse(JSON.parse(await demand(['cluster', 'list', '-o', 'json'])))
  for (const { name, server } of findMoved(known.items, fleet.clusters)) {
    const cluster: unknown = JSON.parse(await demand(['get', 'cluster', name, '-o', 'json']))
    const document = computeMoved(cluster, { server, uid: await readUid(fleet, { name, server }, signal) })
    if (document !== undefined) await demand(['apply', '--force', '-f', '-'], document)
    onProgress({
      step: name,
      text: document === undefined ? 'is another cluster, and stays as it is' : 'has another address',
    })
  }
  for (const [name, labels] of Object.entries(members)) {
    const cluster = fleet.clusters[name]
    if (cluster === undefined || known.items.some((item) => item.name === name)) continue
    const flags = labels.flatMap((label) => ['--label', label])
    await demand(['cluster', 'add', name, '--kubeconfig', cluster.kubeconfigPath, ...flags])
    onProgress({ step: name, text: 'joined' })
  }
  const shop = path.join(projectRoot, 'examples/shop')
  if ((await flotilla(['get', 'application', 'shop', '-n', 'shop', '-o', 'json'])).code === 0) {
    // whoever looked at it may have changed all of it, and wants to find it so
    onProgress({ step: 'shop', text: 'is there, and stays as it is' })
    return 'delivered'
  }
  await demand(['apply', '-f', path.join(shop, 'project.yaml')])
  await applyWhenProjectIsThere(demand, path.join(shop, 'application.yaml'))
  onProgress({ step: 'shop', text: 'delivering to east and west' })
  await demand(['status', 'shop/shop', '--wait', waitFor])
  onProgress({ step: 'shop', text: 'healthy in east and west' })
  return 'delivered'
}

const Namespace = z.object({ metadata: z.object({ uid: z.string() }) })

/** Tells one cluster from another, whatever its address. */
async function readUid({ dir }: Fleet, { name, server }: ClusterAddress, signal?: AbortSignal): Promise<string> {
  const access = await readAccess(clusterPaths(dir, name).pki, 'admin', name, server)
  const answer = await requestKube(access, 'GET', '/api/v1/namespaces/kube-system', { signal })
  return Namespace.parse(answer.body).metadata.uid
}

/** A project's namespace in the host is made a moment after the project. */
async function applyWhenProjectIsThere(demand: (args: string[]) => Promise<string>, file: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await demand(['apply', '-f', file])
      return
    } catch (error) {
      if (attempt === 10) throw error
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}
