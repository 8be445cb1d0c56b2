import { asFlotillaError, type Known, known, unknown } from '@flotilla/model'
import type { Revision, RevisionStore } from '../../store/store.ts'

/** The newest revision per application. One process writes the history, so what it wrote last is what is there. */
export class RevisionMemory {
  readonly #store: RevisionStore
  readonly #latest = new Map<string, Revision | undefined>()

  constructor(store: RevisionStore) {
    this.#store = store
  }

  async latest(applicationUid: string): Promise<Known<Revision | undefined>> {
    if (this.#latest.has(applicationUid)) return known(this.#latest.get(applicationUid))
    try {
      const latest = await this.#store.latest(applicationUid)
      this.#latest.set(applicationUid, latest)
      return known(latest)
    } catch (thrown) {
      return unknown(`its history cannot be read: ${asFlotillaError(thrown).message}`)
    }
  }

  async append(revision: Revision): Promise<void> {
    // whether or not it was written, only the store knows now
    this.#latest.delete(revision.applicationUid)
    await this.#store.append(revision)
    this.#latest.set(revision.applicationUid, revision)
  }

  forget(applicationUid: string): void {
    this.#latest.delete(applicationUid)
  }
}
