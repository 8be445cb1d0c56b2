/**
 * What was observed, or why it could not be. An unreachable cluster is never an empty one: whoever reads
 * an observation has to say what happens when it is not known.
 */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly reason: string }

export const known = <T>(value: T): Known<T> => ({ known: true, value })
export const unknown = (reason: string): Known<never> => ({ known: false, reason })
