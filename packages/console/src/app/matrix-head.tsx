import { useText } from '../i18n/text.ts'
import { Time } from '../components/time.tsx'
import type { MatrixColumn } from './matrix-model.ts'

interface MatrixHeadProps {
  readonly columns: readonly MatrixColumn[]
  /** Where all targets are of one environment, the head of the page says it once. */
  readonly showEnvironment: boolean
  readonly onToggle: (group: string) => void
}

export function MatrixHead({ columns, showEnvironment, onToggle }: MatrixHeadProps) {
  const { t } = useText()
  return (
    <thead>
      <tr>
        <th scope="col">{t.app.component}</th>
        {columns.map((column) =>
          column.type === 'group' ? (
            <th scope="col" key={column.key}>
              <button
                type="button"
                className="plain"
                aria-expanded={false}
                title={t.app.expand}
                onClick={() => onToggle(column.name)}
              >
                {column.name} · {t.app.sites(column.targets.length)} ▸
              </button>
            </th>
          ) : (
            <th scope="col" key={column.key}>
              <TargetTitle column={column} showEnvironment={showEnvironment} onToggle={onToggle} />
            </th>
          ),
        )}
      </tr>
    </thead>
  )
}

interface TargetTitleProps extends Omit<MatrixHeadProps, 'columns'> {
  readonly column: Extract<MatrixColumn, { type: 'target' }>
}

function TargetTitle({ column, showEnvironment, onToggle }: TargetTitleProps) {
  const { t } = useText()
  const { target, group } = column
  const lost = target.connection?.state === 'lost' ? target.connection : undefined
  return (
    <span className="target-title">
      {target.cluster}
      {showEnvironment && target.environment !== undefined && <span className="tag">{target.environment}</span>}
      {lost !== undefined && (
        <span className="failed">
          {t.status.lost} <Time at={lost.since} as="span" />
        </span>
      )}
      {target.connection === undefined && <span className="faint">{t.app.clusterGone}</span>}
      {group !== undefined && (
        <button type="button" className="plain" aria-expanded title={t.app.collapse} onClick={() => onToggle(group)}>
          ◂
        </button>
      )}
    </span>
  )
}
