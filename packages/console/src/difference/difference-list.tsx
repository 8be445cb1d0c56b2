import type { ObjectChange } from '@flotilla/api'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { type DiffLine, parseDiff } from './parse-diff.ts'
import './difference.css'

const sign = { add: '+ ', del: '- ', same: '  ', gap: '' } as const

/** Objects that differ, line by line. */
export function DifferenceList({ items, showCluster }: { items: readonly ObjectChange[]; showCluster: boolean }) {
  return (
    <div className="diff">
      {items.map((item) => (
        <ObjectDiff
          key={`${item.cluster}/${item.namespace}/${item.component}/${item.ref.group}/${item.ref.kind}/${item.ref.namespace}/${item.ref.name}`}
          item={item}
          showCluster={showCluster}
        />
      ))}
    </div>
  )
}

function ObjectDiff({ item, showCluster }: { item: ObjectChange; showCluster: boolean }) {
  const { t } = useText()
  const { ref, change } = item
  const name = ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`
  return (
    <section aria-label={`${ref.kind} ${name}`}>
      <div className="same diff-head">
        {ref.kind} {name}
        {showCluster && ` · ${item.cluster}`}
        {change !== 'changed' && <span className={change === 'added' ? 'healthy' : 'failed'}> {t.app[change]}</span>}
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
