export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** Values are facts for the operator: names, counts, codes. Never a secret, never a whole object. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** One event per call, named in a few stable words, with fields. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** A log whose events all carry these fields. */
  with(fields: LogFields): Log
}

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }
const longestField = 1024

export interface JsonLogOptions {
  /** Takes one line, without its end. */
  readonly write: (line: string) => void
  readonly level?: LogLevel
  readonly now?: () => Date
}

/** Writes one JSON object per line: `{"at","level","event",...fields}`. */
export function createJsonLog(
  { write, level = 'info', now = () => new Date() }: JsonLogOptions,
  base: LogFields = {},
): Log {
  const emit = (of: LogLevel, event: string, fields: LogFields | undefined): void => {
    if (order[of] < order[level]) return
    write(JSON.stringify({ at: now().toISOString(), level: of, event, ...base, ...fields }, shorten))
  }
  return {
    debug: (event, fields) => emit('debug', event, fields),
    info: (event, fields) => emit('info', event, fields),
    warn: (event, fields) => emit('warn', event, fields),
    error: (event, fields) => emit('error', event, fields),
    with: (fields) => createJsonLog({ write, level, now }, { ...base, ...fields }),
  }
}

function shorten(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > longestField ? `${value.slice(0, longestField)}…` : value
}

const nothing = (): void => {}
/** For tests and for callers who do not want to hear. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, with: () => silentLog }
