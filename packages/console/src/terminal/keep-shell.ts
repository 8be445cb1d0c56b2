import { execProtocols, keepAliveMessage, readMessage, resizeMessage, type Size, stdinMessage } from './exec-frames.ts'
import { readEnd, type Refusal, type ShellEnd } from './shell-end.ts'

export type ShellState =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** The connection is gone; another shell is opened in so many seconds. */
  | { readonly state: 'waiting'; readonly seconds: number; readonly message: string | undefined }
  | { readonly state: 'ended'; readonly code: number }
  | { readonly state: 'refused'; readonly refusal: Refusal }

/** A connection that is being made, or stands. */
export interface Socket {
  readonly isOpen: boolean
  send(data: Uint8Array<ArrayBuffer>): void
  /** Nothing is heard of it after that. */
  close(): void
  /** Tells who listens last. */
  listen(hears: Hears): void
}

export interface Hears {
  readonly opened?: () => void
  readonly message?: (data: ArrayBuffer) => void
  readonly closed: () => void
}

export interface KeepShell {
  /** Short-lived, for this one connection; rejects when nobody is signed in. */
  readonly token: (signal: AbortSignal) => Promise<string>
  readonly connect: (protocols: readonly string[]) => Socket
  /** Why it was not opened; undefined when nothing is wrong with the request itself. */
  readonly explain: (token: string, signal: AbortSignal) => Promise<Refusal | undefined>
  /** Whether the server answers at all. */
  readonly alive: (signal: AbortSignal) => Promise<boolean>
  readonly size: () => Size
  readonly onOutput: (bytes: Uint8Array) => void
  readonly onState: (state: ShellState) => void
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly now: () => number
  readonly random: () => number
  readonly signal: AbortSignal
}

export interface Shell {
  /** What is typed while no shell is there is not kept for another one. */
  type(text: string): void
  resize(size: Size): void
  /** Looks now whether the connection still stands. */
  look(): void
  readonly done: Promise<void>
}

const keepAliveMs = 10_000
const connectMs = 20_000
/** A shell that lived for so long worked: the next loss is a new one. */
const workedMs = 10_000
const longestWaitSeconds = 15
/** Shells that end at once, one after another, are no matter of the connection. */
const mostFruitless = 6

/** Keeps a shell open until it ends by itself or is refused: a connection that is lost is made again, with a new shell. */
export function keepShell(parts: KeepShell): Shell {
  let socket: Socket | undefined
  let look = (): void => {}
  const send = (data: Uint8Array<ArrayBuffer>): void => {
    if (socket?.isOpen === true) socket.send(data)
  }

  async function open(): Promise<ShellEnd & { readonly livedMs: number }> {
    const { signal } = parts
    const token = await parts.token(signal)
    signal.throwIfAborted()
    const opening = parts.connect([...execProtocols, bearerProtocol(token)])
    const opened = await within(connectMs, parts, opening)
    if (!opened) {
      opening.close()
      const refusal = await parts.explain(token, signal)
      return refusal === undefined
        ? { kind: 'lost', message: undefined, livedMs: 0 }
        : { kind: 'refused', refusal, livedMs: 0 }
    }
    socket = opening
    const since = parts.now()
    parts.onState({ state: 'open' })
    send(resizeMessage(parts.size()))
    const end = await untilClosed(opening)
    socket = undefined
    return { ...end, livedMs: parts.now() - since }
  }

  function untilClosed(open: Socket): Promise<ShellEnd> {
    const ending = new AbortController()
    const { signal } = ending
    return new Promise((resolve) => {
      let end: ShellEnd = { kind: 'lost', message: undefined }
      let heardAt = parts.now()
      let looking = false
      const over = (): void => {
        ending.abort()
        open.close()
        resolve(end)
      }
      open.listen({
        closed: over,
        message: (data) => {
          heardAt = parts.now()
          const message = readMessage(data)
          if (message.kind === 'output') parts.onOutput(message.bytes)
          if (message.kind === 'status') {
            end = readEnd(message.text)
            over()
          }
        },
      })
      parts.signal.addEventListener('abort', over, { once: true, signal })
      if (parts.signal.aborted) over()
      // a connection that went silent looks like a shell that says nothing: only the server can tell them apart
      look = () => {
        if (looking) return
        looking = true
        void (async () => {
          const answered = (await parts.alive(signal)) || (await parts.alive(signal))
          if (!answered && !signal.aborted) over()
          looking = false
        })()
      }
      void (async () => {
        while (!signal.aborted) {
          await parts.wait(keepAliveMs, signal)
          if (signal.aborted) return
          send(keepAliveMessage())
          if (parts.now() - heardAt >= keepAliveMs) look()
        }
      })()
    })
  }

  async function run(): Promise<void> {
    const { signal, onState } = parts
    let fruitless = 0
    while (!signal.aborted) {
      onState({ state: 'connecting' })
      const end = await open().catch((thrown: unknown): ShellEnd & { livedMs: number } => {
        if (isSignedOut(thrown)) return { kind: 'refused', refusal: { why: 'signed-out' }, livedMs: 0 }
        return { kind: 'lost', message: undefined, livedMs: 0 }
      })
      if (signal.aborted) return
      if (end.kind === 'exited') return onState({ state: 'ended', code: end.code })
      if (end.kind === 'refused') return onState({ state: 'refused', refusal: end.refusal })
      fruitless = end.livedMs >= workedMs ? 0 : fruitless + 1
      if (end.message !== undefined && fruitless >= mostFruitless)
        return onState({ state: 'refused', refusal: { why: 'other', message: end.message } })
      const seconds = Math.min(longestWaitSeconds, 2 ** Math.min(fruitless, 4)) * (0.5 + parts.random() / 2)
      onState({ state: 'waiting', seconds: Math.ceil(seconds), message: end.message })
      await parts.wait(seconds * 1000, signal)
    }
  }

  return {
    type: (text) => send(stdinMessage(text)),
    resize: (size) => send(resizeMessage(size)),
    look: () => look(),
    done: run(),
  }
}

/** As Kubernetes names it; without padding, as a subprotocol cannot hold any. */
export function bearerProtocol(token: string): string {
  const encoded = btoa(token).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return `base64url.bearer.authorization.k8s.io.${encoded}`
}

/** Thrown where nobody is signed in any more. */
export class SignedOut extends Error {}
const isSignedOut = (thrown: unknown): boolean => thrown instanceof SignedOut

async function within(ms: number, { wait, signal }: KeepShell, opening: Socket): Promise<boolean> {
  const settled = new AbortController()
  try {
    return await Promise.race([
      new Promise<boolean>((resolve) => {
        opening.listen({ opened: () => resolve(true), closed: () => resolve(false) })
        signal.addEventListener('abort', () => resolve(false), { once: true, signal: settled.signal })
      }),
      wait(ms, settled.signal).then(() => false),
    ])
  } finally {
    settled.abort()
  }
}
