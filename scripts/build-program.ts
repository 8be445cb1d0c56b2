import path from 'node:path'
import { build, type Plugin } from 'rolldown'

/**
 * `npm run build`: bin/main.ts and all that it needs as a few modules, which Node loads in a third of the time. They lie
 * in one folder that is as deep as the sources of a package, so that what a module finds by its own place is still there.
 * `--testing` does the same for the processes that tests start and kill, and `--agent` for the agent alone.
 */
const root = path.resolve(import.meta.dirname, '..')

const ofThread = /new URL\(\s*(['"])([^'"]+)\.ts\1,\s*import\.meta\.url\s*\)/g

/** The module of a thread becomes an entry of its own beside the others. */
function bundleThreads(): Plugin {
  const threads = new Map<string, string>()
  return {
    name: 'flotilla-threads',
    transform: {
      filter: { code: 'import.meta.url' },
      handler(code, id) {
        const written = code.replaceAll(ofThread, (_, _quote, address: string) => {
          const file = path.resolve(path.dirname(id), `${address}.ts`)
          const name = `${path.basename(address)}.js`
          const other = threads.get(name)
          if (other === undefined) this.emitFile({ type: 'chunk', id: file, fileName: name })
          else if (other !== file) this.error(`${file} and ${other} have the same name; give one another`)
          threads.set(name, file)
          return `new URL('./${name}', import.meta.url)`
        })
        if (/new URL\([^)]*\.ts\b/.test(written))
          this.error(
            `${id} names a module in a way that this plugin does not know: write new URL('./x.ts', import.meta.url)`,
          )
        return { code: written, map: null }
      },
    },
  }
}

const ofServer = 'packages/server/src/delivery'
const killed = [
  'delivery/testing/server-process.ts',
  'delivery/testing/leased-process.ts',
  'rollout/testing/engine-process.ts',
]
const [input, into] = process.argv.includes('--testing')
  ? [killed.map((file) => `${ofServer}/${file}`), 'packages/server/dist-testing']
  : process.argv.includes('--agent')
    ? [['packages/agent/src/main.ts'], 'packages/agent/dist']
    : [['bin/main.ts'], 'packages/server/dist']

await build({
  cwd: root,
  input,
  platform: 'node',
  plugins: [bundleThreads()],
  output: {
    dir: path.join(root, into),
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  },
  // such as a module that is not installed: it would only be missed where the program runs
  onLog: (level, log, say) => say(level === 'warn' ? 'error' : level, log),
})
