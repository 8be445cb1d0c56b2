import { Checkbox, Popover } from 'antd'
import { useState } from 'react'
import { useText } from '../i18n/text.ts'
import { listFilterLabels } from '../place/cluster-filter.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useClusters } from '../query/use-fleet.ts'
import './cluster-filter.css'

/** The cluster is a filter of every page, never a place. */
export function ClusterFilter() {
  const { t } = useText()
  const [open, setOpen] = useState(false)
  const { words } = useClusterFilter()
  const text = words.length === 0 ? t.shell.allClusters : t.shell.clustersChosen(words)
  return (
    <Popover
      trigger="click"
      open={open}
      onOpenChange={setOpen}
      placement="bottomLeft"
      arrow={false}
      content={<Choices />}
      destroyOnHidden
    >
      <button
        type="button"
        className={words.length === 0 ? 'chip' : 'chip on'}
        aria-expanded={open}
        aria-haspopup="dialog"
        aria-label={`${t.shell.clusterFilter}: ${text}`}
      >
        {text} <span aria-hidden>▾</span>
      </button>
    </Popover>
  )
}

function Choices() {
  const { t } = useText()
  const { words, set } = useClusterFilter()
  const { data: fleet = [] } = useClusters()
  const toggle = (word: string, on: boolean) => set(on ? [...words, word] : words.filter((one) => one !== word))
  const choice = (word: string) => (
    <Checkbox key={word} checked={words.includes(word)} onChange={(event) => toggle(word, event.target.checked)}>
      <span className={word.includes('=') ? 'v' : ''}>{word}</span>
    </Checkbox>
  )
  const gone = words.filter((word) => !word.includes('=') && !fleet.some(({ name }) => name === word))
  return (
    <div className="cluster-choices" role="dialog" aria-label={t.shell.clusterFilter}>
      <div className="sub">{t.shell.clusterFilterHint}</div>
      <div className="cluster-list">{[...fleet.map(({ name }) => name), ...gone].map(choice)}</div>
      <div className="cluster-list labels">{listFilterLabels(fleet).map(choice)}</div>
      <button type="button" className="plain accent" disabled={words.length === 0} onClick={() => set([])}>
        {t.shell.clear}
      </button>
    </div>
  )
}
