import type { ObjectChange } from '@flotilla/api'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { type DiffLine, parseDiff } from './parse-diff.ts'
import './difference.css'

const sign = { add: '+ ', del: '- ', same: '  ', gap: '' } as const

interface DifferenceListProps {
  readonly items: readonly ObjectChange[]
  readonly showCluster: boolean
  /** How an object is called that comes or goes; else in the words of what runs against what is wanted. */
  readonly words?: { readonly added: string; readonly removed: string }
}

/** Objects that differ, line by line. */
export function DifferenceList({ items, showCluster, words }: DifferenceListProps) {
  return (
    <div className="diff">
      {items.map((item) => (
        <ObjectDiff
          key={`${item.cluster}/${item.namespace}/${item.component}/${item.ref.group}/${item.ref.kind}/${item.ref.namespace}/${item.ref.name}`}
          item={item}
          showCluster={showCluster}
          words={words}
        />
      ))}
    </div>
  )
}

interface ObjectDiffProps {
  readonly item: ObjectChange
  readonly showCluster: boolean
  readonly words: DifferenceListProps['words']
}

function ObjectDiff({ item, showCluster, words }: ObjectDiffProps) {
  const { t } = useText()
  const { ref, change } = item
  const name = ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`
  return (
    <section aria-label={`${ref.kind} ${name}`}>
      <div className="same diff-head">
        {ref.kind} {name}
        {showCluster && ` · ${item.cluster}`}
        {change !== 'changed' && (
          <span className={change === 'added' ? 'healthy' : 'failed'}> {(words ?? t.app)[change]}</span>
        )}
      </div>
      <DiffLines lines={parseDiff(item.diff)} />
      {item.truncated === true && <div className="same">{t.app.cut}</div>}
    </section>
  )
}

export function DiffLines({ lines }: { lines: readonly DiffLine[] }) {
  return (
    <>
      {lines.map((line, index) => (
        <div key={index} className={line.kind}>
          {line.kind === 'gap' ? '⋯' : sign[line.kind] + visibleText(line.text)}
        </div>
      ))}
    </>
  )
}
