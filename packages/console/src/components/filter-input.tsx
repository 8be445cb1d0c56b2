import { useState } from 'react'
import { useText } from '../i18n/text.ts'

interface FilterInputProps {
  readonly label: string
  /** What the address says. */
  readonly value: string
  readonly onChange: (text: string) => void
  /** One of several beside each other. */
  readonly narrow?: boolean
}

/** The filter of a list; `/` leads here, Escape leaves it. Half-typed pinyin filters nothing. */
export function FilterInput({ label, value, onChange, narrow = false }: FilterInputProps) {
  const { t } = useText()
  const [text, setText] = useState(value)
  const [sent, setSent] = useState(value)
  const [seen, setSeen] = useState(value)
  if (value !== seen) {
    setSeen(value)
    // the address moved by itself (Back, a link, Clear): show what it says
    if (value !== sent) {
      setText(value)
      setSent(value)
    }
  }
  const send = (next: string) => {
    setText(next)
    setSent(next)
    onChange(next)
  }
  return (
    <input
      className={`input filter-input ${narrow ? 'narrow' : ''}`}
      data-filter
      type="search"
      aria-label={label}
      placeholder={label}
      title={`${t.keys.filter}: /`}
      value={text}
      onChange={(event) => {
        const composing = event.nativeEvent instanceof InputEvent && event.nativeEvent.isComposing
        if (composing) setText(event.target.value)
        else send(event.target.value)
      }}
      onCompositionEnd={(event) => send(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && !event.nativeEvent.isComposing && event.currentTarget.blur()}
    />
  )
}
