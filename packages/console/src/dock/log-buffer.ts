export interface LogLine {
  readonly id: number
  readonly at?: string | undefined
  readonly cluster: string
  readonly pod: string
  readonly text: string
  /** A note is ours: a container opened or closed, lines dropped. */
  readonly kind: 'line' | 'note'
}

export interface LogChunk {
  readonly id: number
  readonly lines: readonly LogLine[]
}

/** What a log view keeps: the newest lines in chunks that do not change once full, so that only the last is drawn again. */
export interface LogBuffer {
  readonly chunks: readonly LogChunk[]
  readonly count: number
  /** Lines that were kept once and are not any more. */
  readonly trimmed: number
  /** Lines that came while the view was frozen. */
  readonly held: readonly LogLine[]
  /** Longest cluster and pod name so far, for the columns. */
  readonly clusterWidth: number
  readonly podWidth: number
}

export const chunkLines = 100
export const mostChunks = 30
export const mostHeld = 3000
const widestPod = 34

export const emptyLog: LogBuffer = { chunks: [], count: 0, trimmed: 0, held: [], clusterWidth: 4, podWidth: 8 }

/** Adds lines at the end and lets the oldest chunks go. A frozen buffer holds them back, up to a bound. */
export function appendLines(buffer: LogBuffer, lines: readonly LogLine[], frozen: boolean): LogBuffer {
  if (frozen) {
    const held = [...buffer.held, ...lines]
    const over = Math.max(0, held.length - mostHeld)
    return { ...buffer, held: held.slice(over), trimmed: buffer.trimmed + over }
  }
  const incoming = buffer.held.length === 0 ? lines : [...buffer.held, ...lines]
  if (incoming.length === 0) return buffer
  const chunks = [...buffer.chunks]
  let { clusterWidth, podWidth } = buffer
  for (let from = 0; from < incoming.length;) {
    const last = chunks.at(-1)
    const open = last !== undefined && last.lines.length < chunkLines ? last : undefined
    const taken = incoming.slice(from, from + chunkLines - (open?.lines.length ?? 0))
    from += taken.length
    if (open === undefined) chunks.push({ id: (last?.id ?? 0) + 1, lines: taken })
    else chunks[chunks.length - 1] = { id: open.id, lines: [...open.lines, ...taken] }
  }
  for (const { cluster, pod } of incoming) {
    clusterWidth = Math.max(clusterWidth, cluster.length)
    podWidth = Math.max(podWidth, Math.min(pod.length, widestPod))
  }
  const gone = chunks.splice(0, Math.max(0, chunks.length - mostChunks))
  const goneLines = gone.reduce((sum, chunk) => sum + chunk.lines.length, 0)
  return {
    chunks,
    count: buffer.count + incoming.length - goneLines,
    trimmed: buffer.trimmed + goneLines,
    held: [],
    clusterWidth,
    podWidth,
  }
}
