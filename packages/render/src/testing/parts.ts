import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..')

/**
 * Paths of compiled parts for the tests, compiling what is missing. A process of its own, because this package may not
 * import the one that builds.
 */
async function ensureBinaries(names: readonly string[]): Promise<string[]> {
  const script = `
    import { ensureParts, binaryOf } from ${JSON.stringify(join(root, 'packages/local/src/parts.ts'))}
    const names = ${JSON.stringify(names)}
    const parts = await ensureParts(names)
    console.log(JSON.stringify(names.map((name) => binaryOf(parts, name))))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root })
  return JSON.parse(stdout) as string[]
}

const ready = new Map<string, Promise<string>>()

function ensureBinary(name: string): Promise<string> {
  let path = ready.get(name)
  if (path === undefined) {
    path = ensureBinaries([name]).then(([first = '']) => first)
    ready.set(name, path)
  }
  return path
}

/** The worker of this checkout; `FLOTILLA_HELM_WORKER` names another. */
export const workerPath = async (): Promise<string> =>
  process.env['FLOTILLA_HELM_WORKER'] ?? ensureBinary('helm-worker')

/** The real command line of Helm: the oracle. */
export const helmPath = async (): Promise<string> => process.env['FLOTILLA_HELM'] ?? ensureBinary('helm')

/** The distribution registry that the local fleet runs too. */
export const registryPath = async (): Promise<string> => ensureBinary('registry')
