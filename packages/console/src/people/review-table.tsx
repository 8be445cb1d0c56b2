import { useText } from '../i18n/text.ts'
import { type ReviewedKind, reviewRows, reviewVerbs } from './review-questions.ts'

interface ReviewTableProps {
  readonly label: string
  readonly kinds: readonly ReviewedKind[]
  readonly answers: readonly boolean[]
  /** Of what was asked before. */
  readonly stale: boolean
}

/** Kinds by verbs: a mark where they may, a dash where not; said in words, too. */
export function ReviewTable({ label, kinds, answers, stale }: ReviewTableProps) {
  const { t } = useText()
  return (
    <table className={stale ? 'table review-table stale' : 'table review-table'} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{t.people.reviewKind}</th>
          {reviewVerbs.map((verb) => (
            <th key={verb} scope="col" title={verb}>
              {t.people.verbs[verb]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {reviewRows(kinds, answers).map(({ kind, cells }) => (
          <tr key={kind.resource}>
            <th scope="row" title={kind.resource}>
              {kind.label}
            </th>
            {cells.map((may, index) => (
              <td key={reviewVerbs[index]}>
                <Mark may={may} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Mark({ may }: { may: boolean | undefined }) {
  const { t } = useText()
  if (may === undefined) return <span className="visually-hidden">{t.people.notAsked}</span>
  return (
    <>
      <span aria-hidden className={may ? 'healthy mark' : 'faint'}>
        {may ? '✓' : '–'}
      </span>
      <span className="visually-hidden">{may ? t.people.may : t.people.mayNot}</span>
    </>
  )
}
