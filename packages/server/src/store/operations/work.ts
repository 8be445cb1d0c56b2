/** What both databases take and give: text, whole numbers, bytes. */
export type Value = string | number | null | Uint8Array
export type Row = Record<string, unknown>

/** One statement; each `?` stands for a value. */
export interface Statement {
  readonly text: string
  readonly values: readonly Value[]
  /** Rows are read, or how many changed is wanted. */
  readonly wants: 'rows' | 'changes'
}

export interface Answer {
  readonly rows: readonly Row[]
  readonly changes: number
}

/**
 * Work that asks a database and goes on with its answers. Written once in SQL that SQLite and PostgreSQL both know, it is
 * driven by whoever has the database, whether that answers at once or later.
 */
export type Work<T> = Generator<Statement, T, Answer>

export function* all(text: string, ...values: Value[]): Work<readonly Row[]> {
  return (yield { text, values, wants: 'rows' }).rows
}

export function* one(text: string, ...values: Value[]): Work<Row | undefined> {
  return (yield* all(text, ...values))[0]
}

/** Gives how many rows changed. */
export function* run(text: string, ...values: Value[]): Work<number> {
  return (yield { text, values, wants: 'changes' }).changes
}

/**
 * How the statements of an operation belong together. `apart`: each for itself. `snapshot`: all read one state.
 * `turn`: all of them or none, and one server at a time among those that share the database.
 */
export type Togetherness = 'apart' | 'snapshot' | 'turn'

export interface Operation<Args extends readonly unknown[], T> {
  readonly together: Togetherness
  readonly work: (...args: Args) => Work<T>
}

export const apart = <Args extends readonly unknown[], T>(work: (...args: Args) => Work<T>): Operation<Args, T> => ({
  together: 'apart',
  work,
})
export const snapshot = <Args extends readonly unknown[], T>(work: (...args: Args) => Work<T>): Operation<Args, T> => ({
  together: 'snapshot',
  work,
})
export const turn = <Args extends readonly unknown[], T>(work: (...args: Args) => Work<T>): Operation<Args, T> => ({
  together: 'turn',
  work,
})

/** Drives work over a database that answers at once. */
export function driveNow<T>(work: Work<T>, ask: (statement: Statement) => Answer): T {
  let step = work.next()
  while (step.done !== true) step = work.next(ask(step.value))
  return step.value
}

/** Drives work over a database that answers later. */
export async function driveLater<T>(work: Work<T>, ask: (statement: Statement) => Promise<Answer>): Promise<T> {
  let step = work.next()
  // each statement may depend on the answer before
  while (step.done !== true) step = work.next(await ask(step.value))
  return step.value
}
