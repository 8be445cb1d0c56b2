import type { Sentence } from '@flotilla/api'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import type { Look } from './health-look.ts'
import { computeHeadline } from './headline.ts'
import { StatusIcon } from './status-icon.tsx'

const looks: Record<Sentence['code'], Look> = {
  healthy: 'healthy',
  progressing: 'progressing',
  waiting: 'progressing',
  suspended: 'suspended',
  missing: 'missing',
  degraded: 'degraded',
  failed: 'failed',
  unknown: 'unknown',
  paused: 'suspended',
  blocked: 'failed',
  unplaced: 'unknown',
  removing: 'progressing',
}

/** What is so, why, since when: the first thing one reads. */
export function StatusSentence({ sentence }: { sentence: Sentence }) {
  const text = useText()
  return (
    <p className="say" aria-live="polite">
      <StatusIcon look={looks[sentence.code]} />
      <span>
        <b>
          {computeHeadline(sentence, text)}
          {sentence.detail === '' ? '' : text.t.sentence.joint}
        </b>
        {visibleText(sentence.detail)}
        {sentence.since !== undefined && (
          <span className="faint">
            {' · '}
            <Time at={sentence.since} as="span" />
          </span>
        )}
      </span>
    </p>
  )
}
