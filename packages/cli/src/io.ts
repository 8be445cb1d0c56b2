/** Everything that a command touches of the terminal and of the process, so that tests own it. */
export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly interactive: boolean
  /** Standard output is a terminal. */
  readonly terminal: boolean
  readonly colour: boolean
  readonly columns: number
  readonly now: () => number
  readonly readStdin: () => Promise<string>
  /** Asks one line; `hidden` shows nothing of it. */
  readonly ask: (question: string, options?: { readonly hidden?: boolean }) => Promise<string>
  /** Tries to; nothing comes of it where there is none. */
  readonly openBrowser: (address: string) => void
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
}

const mostStdin = 4 * 1024 * 1024

export function processIo(signal: AbortSignal): Io {
  const { env, stdin, stdout, stderr } = process
  const terminal = stdout.isTTY
  const wantsColour = env['NO_COLOR'] === undefined || env['NO_COLOR'] === ''
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    cwd: process.cwd(),
    interactive: stdin.isTTY && stderr.isTTY,
    terminal,
    colour: terminal && wantsColour && env['TERM'] !== 'dumb',
    columns: stdout.columns > 0 ? stdout.columns : 120,
    now: () => Date.now(),
    readStdin: async () => {
      const parts: Buffer[] = []
      let length = 0
      for await (const part of stdin) {
        const bytes = Buffer.from(part)
        length += bytes.length
        if (length > mostStdin) throw new Error(`standard input has more than ${mostStdin} bytes`)
        parts.push(bytes)
      }
      return Buffer.concat(parts).toString('utf8')
    },
    ask: (question, options) => askTerminal(question, options?.hidden === true, signal),
    openBrowser: (address) => void startBrowser(address),
    signal,
  }
}

async function startBrowser(address: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  const opener = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open'
  const child = spawn(opener, [address], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

/** One line from the terminal, read in raw mode so that nothing of a password is echoed. */
async function askTerminal(question: string, hidden: boolean, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const { Writable } = await import('node:stream')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  process.stderr.write(question)
  const lines = createInterface({ input: process.stdin, output: hidden ? silent : process.stderr, terminal: true })
  // in raw mode Ctrl-C is a key
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await lines.question('', { signal })
  } finally {
    lines.close()
    if (hidden) process.stderr.write('\n')
  }
}
