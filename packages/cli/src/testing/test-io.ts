import type { Io } from '../io.ts'

export interface TestIo extends Io {
  readonly said: { out: string; err: string }
}

/** An Io that remembers what was said; no terminal, nobody to ask, unless given. */
export function testIo(given: Partial<Io>): TestIo {
  const said = { out: '', err: '' }
  return {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    env: {},
    cwd: '/',
    interactive: false,
    terminal: false,
    colour: false,
    columns: 120,
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    readStdin: () => Promise.resolve(''),
    ask: () => Promise.reject(new Error('nobody is asked in this test')),
    openBrowser: () => undefined,
    signal: new AbortController().signal,
    ...given,
    said,
  }
}
