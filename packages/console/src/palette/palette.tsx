import { type KeyboardEvent, useDeferredValue, useState } from 'react'
import { isComposing } from '../keyboard/may-take-key.ts'
import { useText } from '../i18n/text.ts'
import { type PaletteItem, rankItems } from './rank-items.ts'
import { usePaletteItems } from './use-palette-items.ts'
import './palette.css'

/** Search over objects, places and actions. Enter that confirms an input method's offer runs nothing. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useText()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const items = usePaletteItems(useDeferredValue(text))
  const shown = rankItems(items, text)
  const active = shown[Math.min(at, shown.length - 1)]

  const run = (item: PaletteItem | undefined) => {
    if (item === undefined || !item.may.allowed) return
    onClose()
    void item.run()
  }
  const press = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return
    if (event.key === 'Enter') run(active)
    else if (event.key === 'ArrowDown') setAt(Math.min(at + 1, shown.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else return
    event.preventDefault()
  }
  return (
    <dialog
      className="palette"
      aria-label={t.palette.title}
      // a dialog is modal only when it is opened by its own method
      ref={(element) => {
        if (element !== null && !element.open) element.showModal()
      }}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <input
        role="combobox"
        aria-label={t.palette.title}
        aria-expanded
        aria-controls="palette-list"
        aria-autocomplete="list"
        {...(active === undefined ? {} : { 'aria-activedescendant': `palette-${shown.indexOf(active)}` })}
        placeholder={t.palette.placeholder}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={press}
      />
      <Results items={shown} active={active} text={text} onRun={run} onPoint={(index) => setAt(index)} />
      <div className="palette-hint">{t.palette.hint}</div>
    </dialog>
  )
}

interface ResultsProps {
  readonly items: readonly PaletteItem[]
  readonly active: PaletteItem | undefined
  readonly text: string
  readonly onRun: (item: PaletteItem) => void
  readonly onPoint: (index: number) => void
}

function Results({ items, active, text, onRun, onPoint }: ResultsProps) {
  const { t } = useText()
  return (
    <div id="palette-list" role="listbox" aria-label={t.palette.title} className="palette-list">
      {items.length === 0 && <div className="palette-none">{t.palette.nothing(text)}</div>}
      {items.map((item, index) => (
        <div key={`${item.group} ${item.id}`} role="presentation">
          {items[index - 1]?.group !== item.group && (
            <div className="palette-group" role="presentation">
              {t.palette[item.group]}
            </div>
          )}
          <div
            id={`palette-${index}`}
            role="option"
            aria-selected={item === active}
            aria-disabled={!item.may.allowed}
            className={item === active ? 'palette-item on' : 'palette-item'}
            ref={(element) => {
              if (item === active) element?.scrollIntoView({ block: 'nearest' })
            }}
            onMouseMove={() => onPoint(index)}
            onClick={() => onRun(item)}
          >
            <span className="clip">{item.label}</span>
            <span className="sub push">{item.may.allowed ? item.hint : item.may.why}</span>
          </div>
        </div>
      ))}
    </div>
  )
}
