import type { Invitation } from '@flotilla/api'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useNavigate } from 'react-router'
import { CopyText } from '../components/copy-text.tsx'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import type { Look } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { computeJoinSteps, type JoinStep } from './compute-join-steps.ts'
import './join-by-agent.css'

interface JoinByAgentProps {
  readonly cluster: string
  readonly invitation: Invitation
  readonly onClose: () => void
}

const lookMs = 2_000
const looks: Record<'done' | 'now', Look> = { done: 'healthy', now: 'progressing' }

/** What starts the agent in the cluster, and how far it has come since. */
export function JoinByAgent({ cluster, invitation, onClose }: JoinByAgentProps) {
  const { t, f } = useText()
  const navigate = useNavigate()
  const manifest = useMutation({
    mutationFn: () => api.agents.invite({ params: { cluster }, body: { form: 'manifest' } }),
  })
  const seen = useQuery({
    queryKey: keys.cluster(cluster),
    queryFn: ({ signal }) => api.clusters.get({ params: { cluster }, signal }),
    // whether an agent has come is told by no change of the cluster
    refetchInterval: (query) => (computeJoinSteps(query.state.data).every(isDone) ? false : lookMs),
  })
  const steps = computeJoinSteps(seen.data)
  const isReady = steps.every(isDone)
  const { command = '', expiresAt } = invitation
  return (
    <div className="form">
      <div className="field">
        <span className="label">{t.joining.run(cluster)}</span>
        <CopyText text={command} label={t.joining.command} />
        {expiresAt !== undefined && <span className="sub">{t.joining.goodUntil(f.dateTime(expiresAt))}</span>}
      </div>
      {manifest.data?.manifest === undefined ? (
        <div className="row">
          <span className="sub">{t.joining.manifestHint}</span>
          <span className="push" />
          <Button size="small" loading={manifest.isPending} onClick={() => manifest.mutate()}>
            {t.joining.showManifest}
          </Button>
        </div>
      ) : (
        <div className="field">
          <span className="label">{t.joining.manifestSecret}</span>
          <div className="join-manifest">
            <CopyText text={manifest.data.manifest} label={t.joining.manifest} />
          </div>
        </div>
      )}
      {manifest.isError && <Problem error={manifest.error} />}
      <ol className="join-steps" aria-label={t.joining.steps} aria-live="polite">
        {steps.map(({ id, state, about }) => (
          <li key={id} className={state}>
            {state === 'later' ? (
              <Hollow label={t.joining.states.later} />
            ) : (
              <StatusIcon look={looks[state]} label={t.joining.states[state]} />
            )}
            <span>{t.joining.step[id]}</span>
            {about !== undefined && <span className="sub">{about}</span>}
            {id === 'dialled' && state === 'now' && <span className="sub">{t.joining.dialHint}</span>}
          </li>
        ))}
      </ol>
      <div className="row">
        <span className="push" />
        {!isReady && <Button onClick={onClose}>{t.joining.later}</Button>}
        <Button type="primary" disabled={!isReady} onClick={() => void navigate(`/fleet/${cluster}`)}>
          {t.joining.open(cluster)}
        </Button>
      </div>
    </div>
  )
}

/** Nothing was found out about it, good or bad. */
function Hollow({ label }: { label: string }) {
  return (
    <svg className="st" viewBox="0 0 14 14" role="img" aria-label={label}>
      <circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  )
}

const isDone = ({ state }: JoinStep): boolean => state === 'done'
