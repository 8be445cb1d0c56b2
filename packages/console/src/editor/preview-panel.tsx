import type { PreviewAnswer } from '@flotilla/api'
import { Failures } from '../components/failures.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { DifferenceList } from '../difference/difference-list.tsx'
import { useText } from '../i18n/text.ts'
import { Findings } from '../app/findings.tsx'

export type PreviewState =
  | { readonly state: 'none' }
  | { readonly state: 'asking' }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'shown'; readonly answer: PreviewAnswer; readonly text: string }

/** What the text would change, per target, before anything is written. */
export function PreviewPanel({ preview, text }: { preview: PreviewState; text: string }) {
  const { t } = useText()
  const answer = preview.state === 'shown' ? preview.answer : undefined
  const changed = answer?.targets.filter(({ change }) => change !== 'unchanged').length ?? 0
  return (
    <section className="panel grow" aria-label={t.editor.previewTitle}>
      <header>
        <h2>{t.editor.previewTitle}</h2>
        <span className="sub">{answer !== undefined && t.editor.previewTargets(changed, answer.targets.length)}</span>
      </header>
      <div className="scroll">
        {preview.state === 'none' && <div className="panel-empty">{t.editor.previewHint}</div>}
        {preview.state === 'asking' && <SkeletonRows rows={5} />}
        {preview.state === 'failed' && <Problem error={preview.error} />}
        {preview.state === 'shown' && preview.text !== text && <div className="note">{t.editor.previewStale}</div>}
        {answer !== undefined && (
          <>
            <Failures failures={answer.failures} />
            {answer.items.length === 0 && answer.failures.length === 0 && (
              <div className="panel-empty">{t.editor.previewNone}</div>
            )}
            <DifferenceList items={answer.items} showCluster />
            <Findings findings={answer.findings} />
          </>
        )}
      </div>
    </section>
  )
}
