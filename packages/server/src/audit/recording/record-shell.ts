import { createHash } from 'node:crypto'
import type { AsciicastHeader } from '@flotilla/api'
import type { Clock, ExecTap } from '@flotilla/kube'
import { asFlotillaError, FlotillaError } from '@flotilla/model'
import type { RecordingStore } from '../../store/recording-store.ts'
import type { Place } from '../places.ts'
import { createAsciicast, headerLine } from './asciicast.ts'
import type { ShellAsked } from './shell-policy.ts'

export interface RecordingLimits {
  /** A piece is written when it has so many bytes, or is so old. */
  readonly pieceBytes: number
  readonly pieceMs: number
  /** Bytes that may wait to be written before what comes next is held up. */
  readonly waitingBytes: number
  /** Of one recording. */
  readonly mostBytes: number
}

export const recordingLimits: RecordingLimits = {
  pieceBytes: 64 * 1024,
  pieceMs: 1_000,
  waitingBytes: 512 * 1024,
  mostBytes: 16 * 1024 * 1024,
}

export interface ShellRecorder extends ExecTap {
  /**
   * When the shell is over. `kept`: whether it was one at all.
   * @returns what the audit says of it, so that the recording cannot be changed unseen
   */
  finish(kept: boolean): Promise<Readonly<Record<string, string | number | boolean>>>
}

const channels = { input: 0, output: 1, error: 2, size: 4 } as const
const longestSize = 200

/**
 * Makes the recording, then records. Fails (`store.unavailable`) when it cannot be written: then there is no shell.
 */
export async function recordShell(options: {
  readonly store: RecordingStore
  readonly id: string
  readonly asked: ShellAsked
  readonly place: Place
  readonly title: string
  readonly clock: Pick<Clock, 'now' | 'elapsed'>
  readonly limits?: RecordingLimits | undefined
}): Promise<ShellRecorder> {
  const { store, id, asked, place, title, clock, limits = recordingLimits } = options
  const began = clock.now()
  const at = new Date(began).toISOString()
  await store
    .begin({ id, at, workspaceUid: place.workspaceUid ?? '', projectUid: place.projectUid ?? '' })
    .catch((thrown: unknown) => {
      throw notRecorded(thrown)
    })
  const from = clock.elapsed()
  const cast = createAsciicast(() => clock.elapsed() - from)
  const failing = new AbortController()
  const hash = createHash('sha256')
  let header: AsciicastHeader | undefined = {
    version: 2,
    width: 80,
    height: 24,
    timestamp: Math.floor(began / 1000),
    title,
  }
  let gathered: string[] = []
  let gatheredBytes = 0
  let waiting = 0
  let total = 0
  let pieces = 0
  let full = false
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let finished: Readonly<Record<string, string | number | boolean>> | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (gatheredBytes === 0 || failing.signal.aborted) return
    const bytes = Buffer.from(gathered.join(''))
    gathered = []
    gatheredBytes = 0
    waiting += bytes.length
    const number = pieces++
    hash.update(bytes)
    writing = writeAfter(writing, number, bytes)
  }

  async function writeAfter(before: Promise<void>, number: number, bytes: Buffer): Promise<void> {
    await before
    try {
      // after one that is missing the rest would stand for the whole
      if (!failing.signal.aborted || full) await store.append(id, number, bytes)
    } catch (thrown) {
      failing.abort(notRecorded(thrown))
    }
    waiting -= bytes.length
  }

  function add(text: string): void {
    if (text === '' || full) return
    // the size is known when the first thing is seen
    const lines = header === undefined ? text : headerLine(header) + text
    header = undefined
    const bytes = Buffer.byteLength(lines)
    gathered.push(lines)
    gatheredBytes += bytes
    total += bytes
    if (total > limits.mostBytes) {
      const words = `Cut here: a recording has ${limits.mostBytes} bytes at most, and the shell was ended`
      const cut = cast.marker(words)
      gathered.push(cut)
      total += Buffer.byteLength(cut)
      flush()
      full = true
      return failing.abort(tooLong(limits.mostBytes))
    }
    if (gatheredBytes >= limits.pieceBytes) flush()
    else timer ??= setTimeout(flush, limits.pieceMs).unref()
  }

  let sizeText = ''
  function resize(bytes: Buffer): void {
    sizeText = (sizeText + bytes.toString('latin1')).slice(-longestSize)
    const [whole] = /\{[^{}]*\}\s*$/.exec(sizeText) ?? []
    if (whole === undefined) return
    sizeText = ''
    const size = readSize(whole)
    if (size === undefined) return
    const event = cast.resize(size.width, size.height)
    if (header === undefined) add(event)
    else header = { ...header, ...size }
  }

  const input = asked.record === 'OutputAndInput' && asked.terminal
  return {
    notice: {
      channel: asked.terminal ? channels.output : channels.error,
      words: `This shell is recorded: what it shows${input ? ', and what you type' : ''}.${asked.terminal ? '\r' : ''}\n`,
    },
    failed: failing.signal,
    payload: (sender, channel, bytes) => {
      if (sender === 'cluster') {
        if (channel === channels.output || channel === channels.error) add(cast.output(bytes))
      } else if (channel === channels.size) resize(bytes)
      else if (channel === channels.input && input) add(cast.input(bytes))
    },
    ready: async () => {
      if (waiting > limits.waitingBytes) await writing
      if (failing.signal.aborted) throw failing.signal.reason
    },
    finish: async (kept) => {
      if (finished !== undefined) return finished
      finished = {}
      if (!full) {
        add(cast.end())
        if (kept && header !== undefined) add(cast.marker('Nothing was shown'))
        flush()
      }
      await writing
      if (!kept && pieces === 0) {
        await store.remove(id).catch(() => undefined)
        return {}
      }
      const whole = !failing.signal.aborted || full
      const sha256 = hash.digest('hex')
      await store.end(id, new Date(clock.now()).toISOString()).catch(() => undefined)
      finished = {
        recorded: asked.record,
        recording: id,
        recordingBytes: total,
        recordingWhole: whole && !full,
        recordingSha256: sha256,
      }
      return finished
    },
  }
}

/** TerminalSize of Kubernetes; without a terminal on their side clients say 0. */
function readSize(text: string): { width: number; height: number } | undefined {
  const sizeOf = (name: string): number => Number(new RegExp(`"${name}"\\s*:\\s*(\\d{1,5})\\b`).exec(text)?.[1] ?? 0)
  const [width, height] = [sizeOf('Width'), sizeOf('Height')]
  return width === 0 || height === 0 ? undefined : { width, height }
}

const notRecorded = (thrown: unknown): FlotillaError =>
  new FlotillaError('store.unavailable', {
    message: `Shells are recorded here, and this one could not be: ${asFlotillaError(thrown).message}`,
    remedy: 'Have an operator look at the database of the server; then open it again',
  })

const tooLong = (bytes: number): FlotillaError =>
  new FlotillaError('input.too_large', {
    message: `The recording of this shell has reached ${Math.round(bytes / 1024 / 1024)} MiB, and with it the shell ends. Open another one to go on.`,
  })
