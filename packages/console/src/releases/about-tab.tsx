import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Findings } from '../app/findings.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { RolloutMark } from './phase-mark.tsx'
import { releaseAddress } from './release-address.ts'
import { Ticket } from './ticket.tsx'

/** Why a release is, who wrote it, what it migrates, how it went out. */
export function AboutTab({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail | undefined }) {
  const { t } = useText()
  return (
    <div className="release-split">
      <div className="release-stack">
        <Part title={t.releases.notes}>
          {detail.notes === undefined || detail.notes === '' ? (
            <p className="muted">{t.releases.noNotes}</p>
          ) : (
            <p className="notes">{detail.notes.split('\n').map(visibleText).join('\n')}</p>
          )}
          {detail.tickets.length > 0 && (
            <div className="row wrap" role="group" aria-label={t.releases.tickets}>
              {detail.tickets.map((ticket) => (
                <Ticket key={ticket} ticket={ticket} />
              ))}
            </div>
          )}
        </Part>
        <Migrations detail={detail} />
        <Findings findings={detail.findingList} />
      </div>
      <div className="release-stack">
        <Facts detail={detail} />
        <Rollouts detail={detail} />
        {run !== undefined && run.events.length > 0 && (
          <Part title={t.releases.events}>
            <ul className="evidence wide">
              {run.events.map(({ at, by, what, reason }, index) => (
                <li key={index}>
                  {at !== '' && (
                    <>
                      <Time at={at} as="clock" /> ·{' '}
                    </>
                  )}
                  {by.name} · {visibleText(what)}
                  {reason !== undefined && <span className="sub"> {visibleText(reason)}</span>}
                </li>
              ))}
            </ul>
          </Part>
        )}
      </div>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      <div className="part">{children}</div>
    </section>
  )
}

function Migrations({ detail }: { detail: ReleaseDetail }) {
  const { t } = useText()
  return (
    <Part title={t.releases.migrations}>
      {detail.migrations.length === 0 && <p className="muted">{t.releases.noMigrations}</p>}
      <ul className="evidence wide">
        {detail.migrations.map(({ component, name, reversible }) => (
          <li key={`${component}/${name}`} className="row">
            <StatusIcon look={reversible ? 'healthy' : 'degraded'} />
            <span className="v">{name}</span>
            <span className="sub">{component}</span>
            <span className={reversible ? 'muted' : 'degraded'}>
              {reversible ? t.releases.reversible : t.releases.irreversible}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  )
}

function Facts({ detail }: { detail: ReleaseDetail }) {
  const { t, f } = useText()
  const facts: [string, ReactNode][] = [
    [t.releases.authors, f.list(detail.authors.map(({ name }) => name))],
    [t.releases.createdAt, <Time at={detail.createdAt} />],
  ]
  if (detail.frozenAt !== undefined) facts.push([t.releases.frozenAt, <Time at={detail.frozenAt} />])
  if (detail.digest !== undefined) facts.push(['Digest', <span className="v">{shortVersion(detail.digest)}</span>])
  if (detail.copiedFrom !== undefined) {
    const { cluster, namespace, environment } = detail.copiedFrom
    facts.push([t.releases.copiedFrom, `${environment ?? ''} ${cluster}/${namespace}`.trim()])
  }
  return (
    <Part title={t.releases.facts}>
      <dl className="kv">
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Part>
  )
}

function Rollouts({ detail }: { detail: ReleaseDetail }) {
  const { t } = useText()
  const { carry } = useClusterFilter()
  return (
    <Part title={t.releases.rollouts}>
      {detail.rollouts.length === 0 && <p className="muted">{t.releases.noRollouts}</p>}
      <ul className="evidence wide">
        {detail.rollouts.map(({ name, phase, action, startedAt }) => (
          <li key={name} className="row">
            <RolloutMark phase={phase} />
            <Link to={carry(releaseAddress({ ...detail, run: name }))}>{name}</Link>
            <span className="sub">{t.rollouts.actions[action]}</span>
            <span className="push sub">{startedAt !== undefined && <Time at={startedAt} />}</span>
          </li>
        ))}
      </ul>
    </Part>
  )
}
