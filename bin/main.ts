// Loads only what the command needs: `flotilla local down` must not pay for the server, nor `--help` for anything.
const [command, ...rest] = process.argv.slice(2)

async function run(): Promise<number> {
  switch (command) {
    case 'local': {
      const { runLocal } = await import('../packages/local/src/cli/main.ts')
      return runLocal(rest)
    }
    default:
      throw new Error(`unknown command ${command}`)
  }
}

process.exitCode = await run()
