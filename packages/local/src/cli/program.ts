import path from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { attachFleet, partsFor, type Fleet } from '../fleet.ts'
import { readFleetRecord } from '../fleet-record.ts'
import { removeFleet, stopFleet } from '../fleet-stop.ts'
import { defaultPort } from '../platform.ts'
import { runUp } from './up.ts'
import { projectRoot } from '../paths.ts'
import { checkMachine } from '../prepare-machine.ts'
import { createProgressPrinter } from './print-progress.ts'
import { renderStatus } from './status.ts'
import { addCluster, removeCluster } from '../change-fleet.ts'
import { pushFiles } from './push-files.ts'

const ownClusters = [{ name: 'hub' }, { name: 'east' }, { name: 'west' }]

const noFleet = 'There is no local fleet.'

/** The commands of `flotilla local`. */
export function createLocalProgram(signal: AbortSignal): Command {
  const program = new Command('flotilla local')
    .description('Real Kubernetes clusters on this machine: hub, east and west, with Flotilla on them.')
    .option('--dir <folder>', 'where the fleet lives', path.join(projectRoot, '.local'))
    .showHelpAfterError()
    .addHelpText('after', examples)
  const dir = () => path.resolve(program.opts<{ dir: string }>().dir)
  const onProgress = createProgressPrinter(process.stderr)
  const say = (text: string) => void process.stdout.write(`${text}\n`)

  program
    .command('up')
    .description('start the clusters, Flotilla and the demo shop; safe to repeat')
    .option('--no-server', 'only the clusters and their registry')
    .option('--clusters <names>', 'which clusters, separated by commas', ownClusters.map(({ name }) => name).join(','))
    .option('--port <port>', 'where the console and the API are, on 127.0.0.1', parsePort, defaultPort)
    .action(async (options: { server: boolean; clusters: string; port: number }) => {
      const clusters = options.clusters.split(',').map((name) => ({ name }))
      say(await runUp({ dir: dir(), clusters, port: options.server ? options.port : undefined, onProgress, signal }))
    })

  program
    .command('check')
    .description('say whether this machine has what local clusters need')
    .action(async () => {
      const packages = await checkMachine({ parts: partsFor([]), ports: [] })
      say(packages.length === 0 ? 'This machine has all that is needed.' : `To be installed: ${packages.join(', ')}.`)
    })

  program
    .command('down')
    .description('stop everything; data stays')
    .action(async () => {
      const record = await readFleetRecord(dir())
      if (record !== undefined) await stopFleet(record)
      say(record === undefined ? noFleet : 'Stopped. Data is kept; `flotilla local up` goes on where it was.')
    })

  program
    .command('clean')
    .description('stop everything and remove its data; compiled parts stay cached')
    .action(async () => {
      const record = await readFleetRecord(dir())
      if (record !== undefined) await removeFleet(record)
      say(record === undefined ? noFleet : 'Stopped and removed.')
    })

  program
    .command('status')
    .description('say what runs')
    .option('-o, --output <format>', 'text or json', 'text')
    .action(async (options: { output: string }) => say(await renderStatus(dir(), options.output === 'json')))

  const faults: Record<string, [string, (fleet: Fleet, name: string) => Promise<void>]> = {
    cut: [
      'drop all traffic of a cluster, as a cut line does; its pods go on',
      (fleet, name) => find(fleet, name).cut(),
    ],
    heal: ['undo a cut', (fleet, name) => find(fleet, name).heal()],
    stop: ['switch a cluster off; its data stays', (fleet, name) => find(fleet, name).stop()],
    start: ['switch a cluster on again', (fleet, name) => find(fleet, name).start()],
    restart: ['switch a cluster off and on', (fleet, name) => find(fleet, name).restart()],
  }
  for (const [verb, [description, act]] of Object.entries(faults)) {
    program
      .command(`${verb} <cluster>`)
      .description(description)
      .action(async (name: string) => act(await attachFleet(dir()), name))
  }

  program
    .command('add <name>')
    .description('start one more cluster')
    .option('--fake-nodes <n>', 'simulate so many nodes with kwok', parseCount, 0)
    .action(async (name: string, options: { fakeNodes: number }) => {
      await addCluster(dir(), { name, fakeNodes: options.fakeNodes }, { onProgress, signal })
      say(`Cluster ${name} is ready.`)
    })

  program
    .command('remove <name>')
    .description('stop a cluster and remove its data')
    .action(async (name: string) => {
      await removeCluster(dir(), name)
      say(`Cluster ${name} is gone.`)
    })

  program
    .command('dist')
    .description('pack the compiled parts as an npm package, with which nothing is compiled')
    .option('--into <folder>', 'where the package goes', 'dist')
    .action(async (options: { into: string }) => {
      const { packDistribution } = await import('../dist.ts')
      const file = await packDistribution({ into: path.resolve(options.into), onProgress, signal })
      say(`Packed ${file}`)
      say('Install it in a checkout or in a folder above one: npm install --no-save FILE')
    })

  const image = program.command('image').description("images in the fleet's own registry")
  image
    .command('push <name> <files...>')
    .description('make an image of files and push it; PATH=FILE puts a file at a path, the first one is run')
    .action(async (name: string, files: string[]) => say(await pushFiles(await attachFleet(dir()), name, files)))

  image
    .command('pack')
    .description('make the images of server and agent: files for any registry, or into that of the fleet')
    .option('--into <folder>', 'where the files go', 'dist')
    .option('--push', "push them to the fleet's own registry, and write no files")
    .action(async (options: { into: string; push?: true }) => {
      const { packImages, pushImages } = await import('../pack-images.ts')
      if (options.push === true) {
        const { registry } = await attachFleet(dir())
        say(`Pushed ${(await pushImages(registry.address, { onProgress, signal })).join(' and ')}`)
        return
      }
      const files = await packImages(path.resolve(options.into), { onProgress, signal })
      for (const file of files) say(`Packed ${file}`)
      say(
        'Load one with docker load -i FILE, or copy it: skopeo copy oci-archive:FILE docker://REGISTRY/flotilla/server:TAG',
      )
    })

  return program
}

function find(fleet: Fleet, name: string) {
  const cluster = fleet.clusters[name]
  if (cluster !== undefined) return cluster
  throw new InvalidArgumentError(`There is no cluster ${name}; there are ${Object.keys(fleet.clusters).join(', ')}.`)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new InvalidArgumentError('It is a number from 1 to 65535.')
}

function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 0 && count <= 5000) return count
  throw new InvalidArgumentError('It is a number from 0 to 5000.')
}

const examples = `
Examples:
  flotilla local up                            three clusters, Flotilla and the demo shop
  flotilla local cut east                      east is unreachable, and goes on by itself
  flotilla local heal east
  flotilla local add scale --fake-nodes 200    one more cluster with 200 simulated nodes
  flotilla local image push tool:1 ./tool      a static program becomes an image that every cluster can pull
  flotilla local image pack --into dist        the images of server and agent, for any registry
  flotilla local down                          stop; data stays
`
