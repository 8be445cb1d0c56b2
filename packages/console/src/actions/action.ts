/** Whether something may be done now, and if not, why: always in words for the reader. */
export type May = { readonly allowed: true } | { readonly allowed: false; readonly why: string }

export const allowed: May = { allowed: true }
export const refused = (why: string): May => ({ allowed: false, why })

/** The first refusal wins; without one it is allowed. */
export function allOf(...answers: readonly May[]): May {
  return answers.find((answer) => !answer.allowed) ?? allowed
}

/** Something that a person can do, as a value: buttons, the command palette and keys show and run the same one. */
export interface Action {
  readonly id: string
  readonly label: string
  /** The whole of it, where the label is one of many alike. */
  readonly about?: string
  readonly may: May
  readonly primary?: boolean
  readonly danger?: boolean
  /** Sends the form that it is in. */
  readonly submit?: boolean
  /** The key that does it too, shown as a hint. */
  readonly shortcut?: string
  readonly run: () => void | Promise<void>
}
