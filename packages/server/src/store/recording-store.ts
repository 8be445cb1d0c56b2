/** A shell that was recorded, without what it showed. */
export interface Recording {
  /** The request of its records in the audit. */
  readonly id: string
  /** RFC 3339, UTC. */
  readonly at: string
  /** Where it belongs; empty where it belongs to nobody but the platform. */
  readonly workspaceUid: string
  readonly projectUid: string
}

/** Recordings of shells: pieces of text, encrypted at rest, in their order. */
export interface RecordingStore {
  begin(recording: Recording): Promise<void>
  append(id: string, number: number, bytes: Uint8Array): Promise<void>
  end(id: string, at: string): Promise<void>
  get(id: string): Promise<Recording | undefined>
  /** The piece of that number; undefined when there is none. */
  piece(id: string, number: number): Promise<Uint8Array | undefined>
  remove(id: string): Promise<void>
  /**
   * Removes those that began before `before`, and the oldest beyond `mostBytes` on the disk, a bounded number at a time.
   * Gives how many went.
   */
  prune(left: { readonly before: string; readonly mostBytes: number }): Promise<number>
}
