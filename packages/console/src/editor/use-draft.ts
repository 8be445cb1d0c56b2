import { useState } from 'react'
import { type Draft, dropDraft, readDraft, writeDraft } from './draft.ts'

/** The text being written: a kept draft when there is one, else what the object says now. */
export function useDraft(key: string, fresh: Draft) {
  const [kept] = useState(() => readDraft(key))
  const [draft, setDraft] = useState(kept ?? fresh)
  const [restored, setRestored] = useState(kept !== undefined && kept.text !== fresh.text)
  const change = (next: Partial<Draft>) => {
    const changed = { ...draft, ...next }
    setDraft(changed)
    writeDraft(key, changed)
  }
  return {
    draft,
    restored,
    change,
    /** Back to what the object says. */
    discard: () => {
      dropDraft(key)
      setDraft(fresh)
      setRestored(false)
    },
    forget: () => dropDraft(key),
  }
}
