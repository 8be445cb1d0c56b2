import { spawn } from 'node:child_process'

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined
  readonly input?: string | undefined
  readonly cwd?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Called with each whole line of standard error. */
  readonly onErrorLine?: ((line: string) => void) | undefined
}

const longestOutput = 4 << 20

/** Runs a program to its end. Output beyond 4 MiB is dropped. A non-zero exit is a result, not an exception. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const out = collect(child.stdout)
    const err = collect(child.stderr, options.onErrorLine)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 128, stdout: out(), stderr: err() }))
    child.stdin.on('error', () => undefined) // a program may end without reading its input
    child.stdin.end(options.input ?? '')
  })
}

/** As runCommand, but a non-zero exit throws with the program's own words. */
export async function runChecked(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(argv, options)
  if (result.code !== 0) {
    const words = (result.stderr.trim() || result.stdout.trim()).slice(-2000)
    throw new Error(`${argv.slice(0, 4).join(' ')}: exit code ${result.code}: ${words}`)
  }
  return result.stdout
}

function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = ''
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    if (text.length < longestOutput) text += chunk
    if (onLine === undefined) return
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(0, 4096)
    for (const line of lines) onLine(line)
  })
  return () => text
}
