import { spawn } from 'node:child_process'

/** Where a tour prints and whom it speaks for. Plain when piped. */
export interface Teller {
  write(line: string): void
  readonly colour: boolean
}

export interface CommandResult {
  readonly code: number
  readonly output: string
}

export interface RunOptions {
  readonly quiet?: boolean
  readonly input?: string | undefined
  /** Told whenever something came, while it runs. */
  readonly onOutput?: (() => void) | undefined
  /** Somebody else than the tour's own administrator, at a machine of their own. */
  readonly as?: { readonly name: string; readonly env: NodeJS.ProcessEnv }
}

export interface StoryOptions {
  readonly teller: Teller
  /** Environment of the commands that the story runs, such as where the CLI finds its sign-in. */
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

class StepFailed extends Error {}

/**
 * A story told on a real fleet. Each step says what is done, runs the same commands that a person would, shows what is
 * seen, and fails the tour when it is not so. What `cleanUp` was given runs at the end in reverse, whatever happened.
 */
export class Story {
  readonly #teller: Teller
  readonly #env: NodeJS.ProcessEnv
  readonly #signal: AbortSignal
  readonly #undo: { title: string; work: () => Promise<void> }[] = []
  #steps = 0

  constructor({ teller, env, signal }: StoryOptions) {
    this.#teller = teller
    this.#env = env
    this.#signal = signal
  }

  get signal(): AbortSignal {
    return this.#signal
  }

  async step(title: string, work: () => Promise<void>): Promise<void> {
    this.#signal.throwIfAborted()
    this.#steps++
    this.#teller.write('')
    this.#teller.write(this.#bold(`${this.#steps}. ${title}`))
    await work()
  }

  /** Shows something that was seen. */
  see(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#teller.write(`   ${line}`)
  }

  /** Fails the tour with what was expected and what was seen instead. */
  expect(condition: boolean, expected: string, seen: () => string): void {
    if (!condition) throw new StepFailed(`Expected: ${expected}\nSeen: ${seen()}`)
    this.#teller.write(`   ${this.#green('✓')} ${expected}`)
  }

  /** Runs a command as a person would, shows it and its output. Its exit code is the caller's to judge. */
  async run(
    command: string,
    args: readonly string[],
    { quiet = false, input, as, onOutput }: RunOptions = {},
  ): Promise<CommandResult> {
    const prompt = as === undefined ? '$' : `${as.name} $`
    if (!quiet) this.#teller.write(`   ${this.#faint(`${prompt} ${[command.split('/').at(-1), ...args].join(' ')}`)}`)
    const result = await runCommand(command, args, { ...this.#env, ...as?.env }, this.#signal, { input, onOutput })
    if (!quiet) this.see(result.output)
    return result
  }

  /** Fails the tour when the command does not end with 0; gives what it said. */
  async demand(what: string, run: Promise<CommandResult>): Promise<string> {
    const { code, output } = await run
    this.expect(code === 0, what, () => `exit code ${code}: ${output.slice(-1500)}`)
    return output
  }

  /** Asks again until it is so, at most for `seconds`. The last answer is shown. */
  async eventually(
    expected: string,
    seconds: number,
    ask: () => Promise<{ ok: boolean; seen: string }>,
  ): Promise<void> {
    const started = performance.now()
    const deadline = started + seconds * 1000
    let last = { ok: false, seen: 'nothing yet' }
    // each question is a program of its own: what takes long is not asked so often
    for (let pauseMs = 300; !last.ok && performance.now() < deadline; pauseMs = Math.min(pauseMs * 1.3, 2000)) {
      this.#signal.throwIfAborted()
      last = await ask()
      if (!last.ok) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    this.see(last.seen)
    const took = ((performance.now() - started) / 1000).toFixed(1)
    this.expect(last.ok, `${expected} (${last.ok ? `after ${took} s` : `within ${seconds} s`})`, () => last.seen)
  }

  cleanUp(title: string, work: () => Promise<void>): void {
    this.#undo.push({ title, work })
  }

  /** Undoes in reverse order; a failure is told and does not keep the others from running. Returns how many failed. */
  async finish(): Promise<number> {
    let failed = 0
    for (const { title, work } of this.#undo.toReversed()) {
      try {
        await work()
        this.#teller.write(this.#faint(`   cleaned up: ${title}`))
      } catch (error) {
        failed++
        this.#teller.write(`   could not clean up: ${title}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return failed
  }

  #bold(text: string): string {
    return this.#teller.colour ? `\u001b[1m${text}\u001b[0m` : text
  }
  #green(text: string): string {
    return this.#teller.colour ? `\u001b[32m${text}\u001b[0m` : text
  }
  #faint(text: string): string {
    return this.#teller.colour ? `\u001b[2m${text}\u001b[0m` : text
  }
}

const longestOutput = 200_000

function runCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  { input, onOutput }: Pick<RunOptions, 'input' | 'onOutput'>,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, signal, stdio: ['pipe', 'pipe', 'pipe'], timeout: 180_000 })
    let output = ''
    const take = (chunk: Buffer) => {
      if (output.length < longestOutput) output += chunk.toString('utf8')
      onOutput?.()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
    // a command that ends without reading has no need of it
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
  })
}
