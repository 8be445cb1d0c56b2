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
  if (buffer.held.length + lines.length === 0) return buffer
  const chunks = [...buffer.chunks]
  const open = chunks.at(-1)
  const reopened = open !== undefined && open.lines.length < chunkLines ? chunks.pop() : undefined
  const incoming = sortByTime([...(reopened?.lines ?? []), ...buffer.held, ...lines])
  let nextId = reopened?.id ?? (open?.id ?? 0) + 1
  let { clusterWidth, podWidth } = buffer
  for (let from = 0; from < incoming.length; from += chunkLines)
    chunks.push({ id: nextId++, lines: incoming.slice(from, from + chunkLines) })
  for (const { cluster, pod } of incoming) {
    clusterWidth = Math.max(clusterWidth, cluster.length)
    podWidth = Math.max(podWidth, Math.min(pod.length, widestPod))
  }
  const gone = chunks.splice(0, Math.max(0, chunks.length - mostChunks))
  const goneLines = gone.reduce((sum, chunk) => sum + chunk.lines.length, 0)
  return {
    chunks,
    count: buffer.count + buffer.held.length + lines.length - goneLines,
    trimmed: buffer.trimmed + goneLines,
    held: [],
    clusterWidth,
    podWidth,
  }
}

/** Pods tell what they said before one after another; a person reads it as it happened. A note stays behind the line before it. */
function sortByTime(lines: readonly LogLine[]): LogLine[] {
  let last = ''
  const timed = lines.map((line) => ({ line, at: (last = line.at ?? last) }))
  return timed.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ line }) => line)
}
