import type { ExplainAnswer } from '@flotilla/api'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { formText } from '../components/form-text.ts'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import type { CellKey } from './cell-key.ts'

interface WhoSetProps {
  readonly project: string
  readonly application: string
  readonly cell: CellKey
  /** Paths that are worth asking about; the first is asked at once. */
  readonly paths: readonly string[]
}

/** Which layer set a value, and what the others said. */
export function WhoSet({ project, application, cell, paths }: WhoSetProps) {
  const { t } = useText()
  const list = useId()
  const [chosen, setChosen] = useParam('path')
  const path = chosen === '' ? (paths[0] ?? '') : chosen
  const input = { cluster: cell.cluster, namespace: cell.namespace, component: cell.component, path }
  const explained = useQuery({
    queryKey: keys.ofApplication(project, application, 'explain', input),
    queryFn: ({ signal }) => api.applications.explain({ params: { project, application }, query: input, signal }),
    enabled: path !== '',
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  })
  return (
    <section aria-label={t.app.whoSet}>
      <form
        className="who-set"
        onSubmit={(event) => {
          event.preventDefault()
          setChosen(formText(new FormData(event.currentTarget), 'path').trim())
        }}
      >
        <h3>{t.app.whoSet}</h3>
        <input
          key={path}
          className="input"
          name="path"
          list={list}
          defaultValue={path}
          aria-label={t.app.whoSetPath}
          spellCheck={false}
        />
        <datalist id={list}>
          {paths.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button type="submit" className="plain accent" aria-label={t.app.whoSetAsk}>
          ?
        </button>
      </form>
      {explained.isError && <Problem error={explained.error} />}
      {explained.data !== undefined && path !== '' && <Layers answer={explained.data} />}
    </section>
  )
}

const write = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

function Layers({ answer }: { answer: ExplainAnswer }) {
  const { t } = useText()
  // a layer that says nothing is worth a line only when nobody says anything
  const shown = answer.layers.filter((layer) => layer.says)
  if (shown.length === 0) return <div className="muted">{t.app.whoSetNone}</div>
  return (
    <div>
      {shown.map((layer) => (
        <div className="layer" key={`${layer.layer} ${layer.name}`}>
          <span title={layer.name}>
            {layer.layer === 'override' || layer.layer === 'valuesFrom'
              ? layer.name.replace(/^override /, '')
              : t.app.layers[layer.layer]}
          </span>
          <span className={layer.wins ? 'v' : 'v lost'}>
            {write(layer.value)}
            {layer.wins && <span className="visually-hidden"> ({t.app.wins})</span>}
          </span>
        </div>
      ))}
    </div>
  )
}
