/** How a shell ended, read from what the cluster said. */
export type ShellEnd =
  /** By itself; `code` is what it gave back. */
  | { readonly kind: 'exited'; readonly code: number }
  /** It never began, and would not begin the next time. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The connection, or something between here and the container. */
  | { readonly kind: 'lost'; readonly message: string | undefined }

export type Refusal =
  | { readonly why: 'signed-out' }
  /** Verb and resource that it takes, for whoever can grant them. */
  | { readonly why: 'forbidden'; readonly message: string }
  | { readonly why: 'no-shell'; readonly message: string }
  | { readonly why: 'no-pod'; readonly message: string }
  | { readonly why: 'other'; readonly message: string }

interface Status {
  readonly status?: string
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] }
}

const noShell = /executable file not found|no such file or directory|exec format error/i
const notRunning =
  /container not found|container .* is not running|cannot exec in a (?:stopped|deleted)|is not valid for pod/i

/** What the status channel said at the end of an exec (metav1.Status). */
export function readEnd(text: string): ShellEnd {
  const status = parse(text)
  if (status.status === 'Success') return { kind: 'exited', code: 0 }
  const message = status.message ?? text.slice(0, 500)
  const exit = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  // of a command that could not be started, some runtimes say so by an exit code and a message
  if (noShell.test(message)) return { kind: 'refused', refusal: { why: 'no-shell', message } }
  if (exit !== undefined && /^\d{1,3}$/.test(exit)) return { kind: 'exited', code: Number(exit) }
  if (notRunning.test(message)) return { kind: 'refused', refusal: { why: 'no-pod', message } }
  return { kind: 'lost', message }
}

/** Why a shell was not opened, from the answer to the same request without a WebSocket; undefined: nothing is wrong with it. */
export function readRefusal(httpStatus: number, text: string): Refusal | undefined {
  const { message = text.slice(0, 500) } = parse(text)
  switch (httpStatus) {
    case 401:
      return { why: 'signed-out' }
    case 403:
      return { why: 'forbidden', message }
    case 404:
      return { why: 'no-pod', message }
    case 400:
      // what Kubernetes says to whom asks without an upgrade: all else was in order
      if (/upgrade/i.test(message)) return undefined
      return notRunning.test(message) ? { why: 'no-pod', message } : { why: 'other', message }
    case 429:
    case 502:
    case 504:
      return undefined
    default:
      return httpStatus >= 300 ? { why: 'other', message } : undefined
  }
}

function parse(text: string): Status {
  try {
    const value: unknown = JSON.parse(text)
    // only read, and each field is looked at before it is used
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
